// A phantom's people and places, all of them made up, and its assembly.
#include "core/dicom/phantom.h"

#include <array>
#include <cstdio>

#include "core/base/crypto.h"
#include "core/dicom/phantom_parts.h"
#include "core/dicom/uid.h"

namespace veilroute::dicom {
namespace phantom {
namespace {

constexpr std::array kEverywhere = {
    Constant{{0x0008, 0x0005}, "ISO_IR 100"},
    Constant{{0x0008, 0x0070}, "VEILROUTE PHANTOM WORKS"},
    Constant{{0x0008, 0x0080}, "PHANTOM GENERAL HOSPITAL"},
    Constant{{0x0008, 0x0081}, "1 PHANTOM STREET, NOWHERE"},
    Constant{{0x0008, 0x0090}, "PHANTOM^REFERRING^^DR"},
    Constant{{0x0008, 0x1010}, "PHANTOM_ROOM_1"},
    Constant{{0x0008, 0x1040}, "PHANTOM RADIOLOGY"},
    Constant{{0x0008, 0x1048}, "PHANTOM^RECORD^^DR"},
    Constant{{0x0008, 0x1050}, "PHANTOM^PERFORMING^^DR"},
    Constant{{0x0008, 0x1060}, "PHANTOM^READING^^DR"},
    Constant{{0x0008, 0x1070}, "PHANTOM^OPERATOR"},
    Constant{{0x0008, 0x1090}, "PHANTOM MODEL 1"},
    Constant{{0x0010, 0x0021}, "PHANTOM HOSPITAL"},
    Constant{{0x0010, 0x1040}, "2 PHANTOM ROAD, NOWHERE"},
    Constant{{0x0010, 0x2160}, "PHANTOM PEOPLE"},
    Constant{{0x0010, 0x21B0}, "Fell over a phantom step"},
    Constant{{0x0010, 0x4000}, "Made by a program; nobody is behind it"},
    Constant{{0x0018, 0x1000}, "PHANTOM-SERIAL-4711"},
    Constant{{0x0018, 0x1020}, "PHANTOM 1.0"},
    Constant{{0x0020, 0x0060}, "R"},
    Constant{{0x0032, 0x1033}, "PHANTOM EMERGENCY"},
};

constexpr std::array<std::string_view, 20> kNames = {
    "ONE",    "TWO",    "THREE",    "FOUR",     "FIVE",    "SIX",     "SEVEN",
    "EIGHT",  "NINE",   "TEN",      "ELEVEN",   "TWELVE",  "THIRTEEN", "FOURTEEN",
    "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN", "TWENTY"};

std::string four_digits(unsigned number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04u", number);
  return text.data();
}

std::string date(unsigned year, unsigned number) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04u%02u%02u", year, 1 + number / 28 % 12,
                1 + number % 28);
  return text.data();
}

void add_patient(Draft& draft) {
  const unsigned number = draft.options.number;
  const std::string name = number <= kNames.size() ? std::string(kNames[number - 1])
                                                   : "N" + std::to_string(number);
  draft.text({0x0010, 0x0010}, "PHANTOM^" + name);
  draft.text({0x0010, 0x0020}, "PHANTOM-" + four_digits(number));
  draft.text({0x0010, 0x0030}, date(1950 + number % 40, number));
  draft.text({0x0010, 0x0040}, number % 2 == 0 ? "F" : "M");
  draft.text({0x0010, 0x1001}, "PHANTOM^ALSO^" + name);
  draft.text({0x0010, 0x1010}, "0" + std::to_string(76 - number % 40) + "Y");
  draft.text({0x0010, 0x1030}, "70");
}

void add_study_and_series(Draft& draft) {
  const unsigned number = draft.options.number;
  const std::string day = date(2026, number);
  for (const Tag tag : {Tag{0x0008, 0x0012}, Tag{0x0008, 0x0020}, Tag{0x0008, 0x0021},
                        Tag{0x0008, 0x0022}, Tag{0x0008, 0x0023}}) {
    draft.text(tag, day);
  }
  for (const Tag tag : {Tag{0x0008, 0x0013}, Tag{0x0008, 0x0030}, Tag{0x0008, 0x0031},
                        Tag{0x0008, 0x0032}, Tag{0x0008, 0x0033}}) {
    draft.text(tag, "101530");
  }
  draft.text({0x0008, 0x0050}, "PHANTOM-A" + four_digits(number));
  draft.text({0x0020, 0x0010}, "PHANTOM-S" + four_digits(number));
  draft.text({0x0020, 0x000D}, draft.uid("study"));
  draft.text({0x0020, 0x000E}, draft.uid("series " + std::string(to_string(draft.options.kind))));
  draft.text({0x0020, 0x0011}, "1");
  draft.text({0x0020, 0x0012}, "1");
  draft.text({0x0020, 0x0013}, std::to_string(draft.options.instance));
}

void add_request(Draft& draft) {
  Element& request = draft.data.put_sequence(draft.data.root(), {0x0040, 0x0275});
  Item& item = request.items.emplace_back();
  draft.text(item, {0x0040, 0x0007}, "PHANTOM STEP");
  draft.text(item, {0x0040, 0x0009}, "PHANTOM-STEP-1");
  draft.text(item, {0x0040, 0x1001}, "PHANTOM-REQ-1");
}

void add_private(Draft& draft) {
  Item& root = draft.data.root();
  draft.data.put_text(root, {0x0029, 0x0010}, vr::LO, "VEILROUTE PHANTOM 1");
  draft.data.put_text(root, {0x0029, 0x1001}, vr::LO, "PHANTOM PRIVATE NOTE");
  draft.data.put_text(root, {0x0029, 0x1002}, vr::PN, "PHANTOM^PRIVATE");
}

Result<void> check(const PhantomOptions& options) {
  constexpr unsigned kLeast = 16;
  constexpr unsigned kMost = 4096;
  const auto fits = [](unsigned size) { return size == 0 || (size >= kLeast && size <= kMost); };
  if (options.number > 0 && options.number < 10'000 && options.instance > 0 &&
      options.instance < 100'000 && fits(options.rows) && fits(options.columns)) {
    return {};
  }
  return make_error(ErrorKind::invalid, "phantom.options",
                    "phantoms are numbered 1 to 9999, objects 1 to 99999; rows and columns are "
                    "16 to 4096");
}

void assemble(Draft& draft) {
  for (const Constant& row : kEverywhere) draft.text(row.tag, row.text);
  add_patient(draft);
  add_study_and_series(draft);
  add_kind_modules(draft);
  add_request(draft);
  add_private(draft);
  draft.sop_instance = draft.uid("object " + std::string(to_string(draft.options.kind)) + " " +
                                 std::to_string(draft.options.instance));
  draft.text(tags::SOPClassUID, draft.sop_class);
  draft.text(tags::SOPInstanceUID, draft.sop_instance);
}

/// Words in the data set's byte order.
void add_pixels(Draft& draft) {
  Bytes pixels = draw(draft.options, draft.rows, draft.columns);
  const bool words = draft.options.kind != PhantomKind::us;
  if (words && draft.data.syntax().big_endian) {
    for (std::size_t i = 0; i + 1 < pixels.size(); i += 2) std::swap(pixels[i], pixels[i + 1]);
  }
  if (pixels.size() % 2 != 0) pixels.push_back(0);
  const bool bytes = !words && !draft.data.syntax().implicit_vr;
  draft.data.put_bytes(draft.data.root(), tags::PixelData, bytes ? vr::OB : vr::OW, pixels);
}

}  // namespace

std::string Draft::uid(std::string_view what) const {
  const std::string text = "veilroute phantom\n" + options.seed + "\n" +
                           std::to_string(options.number) + "\n" + std::string(what);
  const Digest digest = crypto::sha256(as_bytes(text));
  return uid_from_bits(std::span(digest).first<16>()).value;
}

Item& Draft::code(Tag tag, const Code& what) {
  Item& item = data.put_sequence(data.root(), tag).items.emplace_back();
  text(item, {0x0008, 0x0100}, what.value);
  text(item, {0x0008, 0x0102}, what.scheme);
  text(item, {0x0008, 0x0104}, what.meaning);
  return item;
}

}  // namespace phantom

std::optional<PhantomKind> parse_phantom_kind(std::string_view word) {
  for (const auto kind : {PhantomKind::dx, PhantomKind::cr, PhantomKind::ct, PhantomKind::us}) {
    if (word == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::string_view to_string(PhantomKind kind) {
  constexpr std::array<std::string_view, 4> kWords = {"dx", "cr", "ct", "us"};
  return kWords[static_cast<std::size_t>(kind)];
}

Result<Phantom> make_phantom(const PhantomOptions& options) {
  VR_TRY(phantom::check(options));
  VR_TRY(TransferSyntax syntax, find_transfer_syntax(Uid{options.transfer_syntax}));
  if (syntax.encapsulated) {
    return make_error(ErrorKind::invalid, "phantom.options",
                      "phantoms have native pixels: choose a transfer syntax that is not "
                      "encapsulated");
  }
  phantom::Draft draft{options, Dataset(std::move(syntax)), 0, 0, {}, {}, {}};
  phantom::assemble(draft);
  if (options.canary) phantom::add_canaries(draft);
  phantom::add_pixels(draft);
  Phantom made;
  made.sop_class.value = draft.sop_class;
  made.sop_instance.value = draft.sop_instance;
  made.transfer_syntax.value = options.transfer_syntax;
  made.file = options.canary
                  ? phantom::canary_head(draft)
                  : write_file_head(made.sop_class, made.sop_instance, made.transfer_syntax);
  made.dataset_offset = made.file.size();
  VR_TRY(const WrittenDataset written, write_dataset(draft.data));
  made.file.insert(made.file.end(), written.own.begin(), written.own.end());
  made.markers = std::move(draft.markers);
  return made;
}

}  // namespace veilroute::dicom
