// What a STOW-RS server says, in the Native DICOM Model (PS3.19 A.1): the only file that names
// expat.
#include <expat.h>

#include <charconv>
#include <memory>
#include <vector>

#include "router/stow_answer.h"

namespace veilroute::router {
namespace {

constexpr std::size_t kDeepestXml = 32;
constexpr std::size_t kLongestXmlValue = 256;
constexpr std::string_view kModel = "NativeDicomModel";

/// Follows the elements; stops at whatever has no reason to be in an answer.
class ModelReader {
 public:
  explicit ModelReader(XML_Parser parser) : parser_(parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &ModelReader::on_start, &ModelReader::on_end);
    XML_SetCharacterDataHandler(parser, &ModelReader::on_text);
    XML_SetStartDoctypeDeclHandler(parser, &ModelReader::on_doctype);
  }
  [[nodiscard]] bool is_model() const { return is_model_ && !stopped_; }
  StowAnswer take() { return std::move(answer_); }

 private:
  static ModelReader& self(void* data) { return *static_cast<ModelReader*>(data); }
  /// Without a prefix of a name space.
  static std::string_view local(const char* name) {
    const std::string_view whole(name);
    return whole.substr(whole.rfind(':') + 1);  // npos + 1: all of it
  }

  static void on_start(void* data, const char* name, const char** attributes) {
    self(data).start(local(name), attributes);
  }
  static void on_end(void* data, const char*) { self(data).end(); }
  static void on_text(void* data, const char* text, int length) {
    self(data).text({text, static_cast<std::size_t>(length)});
  }
  /// Declarations can make entities that grow without end.
  static void on_doctype(void* data, const char*, const char*, const char*, int) {
    self(data).stop();
  }

  void stop() {
    stopped_ = true;
    XML_StopParser(parser_, XML_FALSE);
  }

  void start(std::string_view name, const char** attributes) {
    if (path_.empty()) is_model_ = name == kModel;
    if (path_.size() >= kDeepestXml || !is_model_) return stop();
    std::string step(name);
    for (; name == "DicomAttribute" && *attributes != nullptr; attributes += 2) {
      if (std::string_view(attributes[0]) == "tag") step = attributes[1];
    }
    path_.push_back(std::move(step));
    value_.clear();
    if (is_item()) uid_.clear(), code_ = 0;
  }

  void end() {
    if (path_.size() == 5 && path_[2] == "Item" && path_[4] == "Value") {
      if (path_[3] == "00081155") uid_ = value_;
      if (path_[3] == (in_list("00081199") ? "00081196" : "00081197")) code_ = number_in(value_);
    }
    if (is_item()) note_instance(answer_, uid_, in_list("00081199"), code_);
    path_.pop_back();
    value_.clear();
  }

  void text(std::string_view piece) {
    if (value_.size() + piece.size() <= kLongestXmlValue) value_ += piece;
  }

  [[nodiscard]] bool in_list(std::string_view tag) const {
    return path_.size() > 1 && path_[1] == tag;
  }
  [[nodiscard]] bool is_item() const {
    return path_.size() == 3 && path_[2] == "Item" && (in_list("00081199") || in_list("00081198"));
  }
  static std::uint16_t number_in(std::string_view text) {
    std::uint16_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    return fault == std::errc() && end == text.data() + text.size() ? number : 0;
  }

  XML_Parser parser_;
  std::vector<std::string> path_;  ///< names of elements; of attributes their tags
  std::string value_;
  std::string uid_;
  std::uint16_t code_ = 0;
  bool is_model_ = false;
  bool stopped_ = false;
  StowAnswer answer_;
};

}  // namespace

Result<StowAnswer> read_stow_answer_xml(std::string_view body) {
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
      XML_ParserCreate(nullptr), &XML_ParserFree);
  if (!parser)
    return make_error(ErrorKind::exhausted, "http.failed", "no memory to read an answer");
  ModelReader reader(parser.get());
  const auto length = static_cast<int>(body.size());
  const bool whole = XML_Parse(parser.get(), body.data(), length, XML_TRUE) == XML_STATUS_OK;
  if (!whole || !reader.is_model()) return unreadable_answer();
  return reader.take();
}

}  // namespace veilroute::router
