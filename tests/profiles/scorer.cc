#include "tests/profiles/scorer.h"

#include <algorithm>
#include <array>

#include "core/dicom/picture_reader.h"
#include "tests/profiles/planter.h"

namespace veilroute::profiles::proof {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Holds;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

bool is_one_of(Vr vr, std::initializer_list<Vr> list) {
  return std::find(list.begin(), list.end(), vr) != list.end();
}

bool is_numeric(Vr vr) {
  return is_one_of(vr, {vr::US, vr::SS, vr::UL, vr::SL, vr::FL, vr::FD, vr::AT, vr::SV, vr::UV});
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Attributes that the engine writes itself, and what the object is.
bool is_beyond_judgement(Tag tag) {
  return tag.is_private() || tag.is_group_length() || tag.group <= 0x0004 ||
         (tag.group & 0xFF00U) == 0x5000U || (tag.group & 0xFF00U) == 0x6000U ||
         tag.group == 0xFFFA || tag.group == 0xFFFC || tag.group == 0x4FFE || tag.group == 0x0012 ||
         tag == Tag{0x0028, 0x0303} || tag == Tag{0x0400, 0x0500} || tag == Tag{0x0400, 0x0520} ||
         tag == Tag{0x0008, 0x0300} || tag == Tag{0x0008, 0x0001};
}

bool names_an_instance(Tag tag, std::string_view uid) {
  static constexpr std::array<Tag, 8> kClasses{{{0x0008, 0x0016},
                                                {0x0008, 0x001A},
                                                {0x0008, 0x001B},
                                                {0x0008, 0x0062},
                                                {0x0008, 0x1150},
                                                {0x0008, 0x115A},
                                                {0x3010, 0x0052},
                                                {0x3010, 0x0053}}};
  const bool of_class = std::find(kClasses.begin(), kClasses.end(), tag) != kClasses.end();
  return !of_class && !uid.empty() && !uid.starts_with("1.2.840.10008.");
}

class Judge {
 public:
  Judge(const Pair& pair, const Allowance& allowance, Score& score)
      : pair_(pair), allowance_(allowance), score_(score) {
    walk(pair.copy.root(), "", [this](const std::string& path, const Element& element) {
      copy_.emplace(path, &element);
    });
  }

  void item(const dicom::Item& item, const std::string& prefix, bool retained) {
    for (const Element& element : item.elements) {
      if (is_beyond_judgement(element.tag) || dicom::find(element.tag) == nullptr) continue;
      const std::string path = prefix + dicom::to_text(element.tag);
      attribute(element, path, retained);
      // Items of content may leave with all that is in them, so that numbers of items differ.
      if (element.tag == Tag{0x0040, 0xA730}) continue;
      const bool stays = retained && printed_row(element.tag) == nullptr;
      for (std::size_t i = 0; i < element.items.size(); ++i) {
        this->item(element.items[i], path + "[" + std::to_string(i + 1) + "].", stays);
      }
    }
  }

 private:
  void attribute(const Element& element, const std::string& path, bool retained) {
    const Vr registered = dicom::find(element.tag)->vr;
    const auto found = copy_.find(path);
    const Element* left = found == copy_.end() ? nullptr : found->second;
    if (element.holds == Holds::range || dicom::is_text(registered) || registered == vr::UI) {
      value(element, registered, left);
    }
    const bool listed = printed_row(element.tag) != nullptr || registered == vr::UI;
    if (retained && !listed) retention(element, registered, left);
  }

  void value(const Element& element, Vr registered, const Element* left) {
    if (element.holds != Holds::value) return;
    const Tag tag = element.tag;
    const std::string before(dicom::trimmed(element.value));
    const std::string after = left == nullptr ? "" : std::string(dicom::trimmed(left->value));
    if (before.empty()) return;
    if (registered == vr::UI) return uids(tag, before, after);
    if (tag == dicom::tags::PatientID) {
      return score_.add(Check::patid_consistent, tag,
                        left == nullptr || after == row().pseudonym.reveal());
    }
    if (printed_row(tag) == nullptr || allowance_.keeps(tag)) return;
    if (registered == vr::DA || registered == vr::DT) return date(tag, before, after);
    if (allowance_.cleans(tag)) return;
    // Years and ages that are allowed are judged where they are planted.
    if (allowance_.dates != Dates::removed && is_one_of(registered, {vr::TM, vr::AS})) return;
    const std::string all = lower(after);
    for (const std::string& token : tokens_of(before)) {
      const bool gone = all.find(token) == all.npos || is_own_word(token);
      score_.add(Check::text_removed, tag, gone);
    }
  }

  /// Words of our own dummies: a source that says "Removed" is not told from them.
  static bool is_own_word(const std::string& token) {
    return std::string_view("removed 19000101 000000 000y urn").find(token) !=
           std::string_view::npos;
  }

  void date(Tag tag, const std::string& before, const std::string& after) {
    // A year becomes its first day, which some dates are already.
    const bool first_day = before.size() >= 8 && before.substr(4, 4) == "0101";
    if (allowance_.dates == Dates::kept || first_day) return;
    score_.add(Check::date_shifted, tag, after.find(before) == after.npos);
  }

  void uids(Tag tag, const std::string& before, const std::string& after) {
    const std::vector<std::string> old = split(before, '\\');
    const std::vector<std::string> now = split(after, '\\');
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (!names_an_instance(tag, old[i])) continue;
      constexpr std::size_t kTelling = 6;  // "1.2" is in every UID
      score_.add(Check::uid_changed, tag,
                 old[i].size() < kTelling || after.find(old[i]) == after.npos);
      if (after.empty() || i >= now.size()) continue;
      const std::string trimmed(dicom::trimmed(as_bytes(old[i])));
      score_.add(Check::uid_consistent, tag,
                 now[i] == dicom::mapped_uid(testing::secret(), trimmed).value);
    }
  }

  void retention(const Element& element, Vr registered, const Element* left) {
    const Tag tag = element.tag;
    if (tag.group == 0x7FE0) return pixels(element, left);
    const bool harmless = is_one_of(registered, {vr::CS, vr::DS, vr::IS, vr::LO, vr::SH, vr::SQ}) ||
                          is_numeric(registered);
    if (!harmless) return;
    score_.add(Check::tag_retained, tag, left != nullptr);
    if (element.holds != Holds::value || element.value.empty()) return;
    score_.add(Check::text_notnull, tag, left != nullptr && !left->value.empty());
    if (!dicom::is_text(registered)) return;
    const std::string after = left == nullptr ? "" : lower(dicom::trimmed(left->value));
    for (const std::string& token : tokens_of(as_text(element.value))) {
      score_.add(Check::text_retained, tag, after.find(token) != after.npos);
    }
  }

  static ByteView bytes_of(const Element& element, ByteView dataset) {
    if (element.holds == Holds::value) return element.value;
    if (element.holds != Holds::range || element.range.end > dataset.size()) return {};
    return dataset.subspan(static_cast<std::size_t>(element.range.begin),
                           static_cast<std::size_t>(element.range.end - element.range.begin));
  }

  void pixels(const Element& element, const Element* left) {
    if (element.tag != dicom::tags::PixelData) return;
    const ByteView before = bytes_of(element, pair_.source_bytes);
    const ByteView after = left == nullptr ? ByteView{} : bytes_of(*left, pair_.copy_bytes);
    const bool exact =
        before.size() == after.size() && std::equal(before.begin(), before.end(), after.begin());
    score_.add(Check::pixels_retained, element.tag, exact || is_same_picture(element, left));
  }

  /// What a device wrote beside the picture into compressed frames is gone: the frames are to be
  /// the same without it.
  bool is_same_picture(const Element& element, const Element* left) const {
    if (left == nullptr || element.holds != Holds::range || left->holds != Holds::range ||
        element.range.codestream == dicom::Codestream::clean ||
        left->range.codestream != dicom::Codestream::clean) {
      return false;
    }
    dicom::PictureShape shape;
    for (const Element& each : pair_.source.elements()) {
      if (each.holds == Holds::value) shape.note(each.tag, each.value, false);
    }
    const auto picture = [&](const Element& pixels, ByteView dataset) {
      MemorySource source(dataset);
      return dicom::read_picture(source, pixels.range.begin, pixels.range.end,
                                 pair_.source.syntax().uid, shape);
    };
    const auto before = picture(element, pair_.source_bytes);
    const auto after = picture(*left, pair_.copy_bytes);
    return before.ok() && after.ok() && before->digest == after->digest &&
           before->frames == after->frames && after->offset_table_is_true;
  }

  const Pair& pair_;
  const Allowance& allowance_;
  Score& score_;
  std::map<std::string, const Element*> copy_;
};

}  // namespace

std::string_view to_string(Check check) {
  static constexpr std::array<std::string_view, kCheckCount> kWords{
      "tag_retained", "text_notnull",   "text_retained",    "text_removed",  "date_shifted",
      "uid_changed",  "uid_consistent", "patid_consistent", "pixels_hidden", "pixels_retained"};
  return kWords[static_cast<std::size_t>(check)];
}

bool protects(Check check) {
  return check != Check::tag_retained && check != Check::text_notnull &&
         check != Check::text_retained && check != Check::pixels_retained;
}

void Score::add(Check check, dicom::Tag tag, bool passed) {
  ++(passed ? counts[check].passed : counts[check].failed);
  if (!passed) ++failures[check][dicom::to_text(tag)];
}

void score_object(const Pair& pair, const Allowance& allowance, Score& score) {
  Judge(pair, allowance, score).item(pair.source.root(), "", true);
}

std::vector<std::string> tokens_of(std::string_view text) {
  static constexpr std::string_view kStopWords[] = {"the", "and", "for", "with", "from", "not",
                                                    "was", "are", "has", "this", "that", "non"};
  constexpr std::size_t kShortest = 3;
  std::vector<std::string> tokens;
  std::string token;
  for (const char c : lower(text) + " ") {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      (static_cast<unsigned char>(c) & 0x80U) != 0;
    if (part) {
      token += c;
      continue;
    }
    const bool stops =
        std::find(std::begin(kStopWords), std::end(kStopWords), token) != std::end(kStopWords);
    if (token.size() >= kShortest && !stops) tokens.push_back(token);
    token.clear();
  }
  return tokens;
}

}  // namespace veilroute::profiles::proof
