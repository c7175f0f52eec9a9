// Collects identity terms from the objects of one (study, patient), before they are changed.
#include "profiles/identity_terms.h"

#include <algorithm>
#include <array>

#include "core/dicom/dataset.h"
#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/verify_rules.h"

namespace veilroute::profiles {
namespace {

using dicom::Element;
using dicom::Holds;
using dicom::Tag;
using dicom::Vr;
namespace vr = dicom::vr;

constexpr std::size_t kShortestTerm = 4;  // decisions 9
constexpr std::size_t kShortestWord = 2;  // one character says nothing
constexpr std::size_t kLongestTerm = 256;
constexpr std::size_t kMostTerms = 20'000;

struct IdentifyingTag {
  Tag tag;
  TermKind kind;
};
// Descriptions are not here: their words stand in every object, and that the attributes themselves
// are gone is checked by the table.
constexpr auto kIdentifying = std::to_array<IdentifyingTag>({
    {{0x0008, 0x0050}, TermKind::identifier}, {{0x0008, 0x0080}, TermKind::place},
    {{0x0008, 0x0081}, TermKind::place},      {{0x0008, 0x0092}, TermKind::place},
    {{0x0008, 0x0094}, TermKind::identifier}, {{0x0008, 0x1000}, TermKind::place},
    {{0x0008, 0x1010}, TermKind::place},      {{0x0008, 0x1040}, TermKind::place},
    {{0x0008, 0x0055}, TermKind::place},      {{0x0008, 0x0054}, TermKind::place},
    {{0x0010, 0x0020}, TermKind::identifier}, {{0x0010, 0x0021}, TermKind::place},
    {{0x0010, 0x0012}, TermKind::person},     {{0x0010, 0x1000}, TermKind::identifier},
    {{0x0010, 0x1040}, TermKind::place},      {{0x0010, 0x1050}, TermKind::identifier},
    {{0x0010, 0x1080}, TermKind::place},      {{0x0010, 0x1090}, TermKind::identifier},
    {{0x0010, 0x2152}, TermKind::place},      {{0x0010, 0x2154}, TermKind::identifier},
    {{0x0010, 0x2155}, TermKind::identifier}, {{0x0010, 0x2299}, TermKind::place},
    {{0x0012, 0x0010}, TermKind::place},      {{0x0012, 0x0020}, TermKind::identifier},
    {{0x0012, 0x0031}, TermKind::place},      {{0x0012, 0x0040}, TermKind::identifier},
    {{0x0012, 0x0042}, TermKind::identifier}, {{0x0012, 0x0060}, TermKind::place},
    {{0x0016, 0x004D}, TermKind::person},     {{0x0016, 0x0051}, TermKind::identifier},
    {{0x0018, 0x1000}, TermKind::identifier}, {{0x0018, 0x1002}, TermKind::uid},
    {{0x0018, 0x1003}, TermKind::identifier}, {{0x0018, 0x1004}, TermKind::identifier},
    {{0x0018, 0x1005}, TermKind::identifier}, {{0x0018, 0x1007}, TermKind::identifier},
    {{0x0018, 0x1008}, TermKind::identifier}, {{0x0018, 0x1009}, TermKind::identifier},
    {{0x0018, 0x700A}, TermKind::identifier}, {{0x0020, 0x0010}, TermKind::identifier},
    {{0x0032, 0x1020}, TermKind::place},      {{0x0032, 0x1033}, TermKind::place},
    {{0x0038, 0x0010}, TermKind::identifier}, {{0x0038, 0x0011}, TermKind::place},
    {{0x0038, 0x001E}, TermKind::place},      {{0x0038, 0x0060}, TermKind::identifier},
    {{0x0038, 0x0300}, TermKind::place},      {{0x0038, 0x0400}, TermKind::place},
    {{0x0040, 0x0001}, TermKind::place},      {{0x0040, 0x0009}, TermKind::identifier},
    {{0x0040, 0x0010}, TermKind::place},      {{0x0040, 0x0011}, TermKind::place},
    {{0x0040, 0x0241}, TermKind::place},      {{0x0040, 0x0242}, TermKind::place},
    {{0x0040, 0x0243}, TermKind::place},      {{0x0040, 0x0253}, TermKind::identifier},
    {{0x0040, 0x050A}, TermKind::identifier}, {{0x0040, 0x0512}, TermKind::identifier},
    {{0x0040, 0x0551}, TermKind::identifier}, {{0x0040, 0x1001}, TermKind::identifier},
    {{0x0040, 0x1005}, TermKind::place},      {{0x0040, 0x1102}, TermKind::place},
    {{0x0040, 0x1103}, TermKind::identifier}, {{0x0040, 0x1104}, TermKind::identifier},
    {{0x0040, 0x2009}, TermKind::place},      {{0x0040, 0x2010}, TermKind::identifier},
    {{0x0040, 0x2016}, TermKind::identifier}, {{0x0040, 0x2017}, TermKind::identifier},
    {{0x0040, 0x4036}, TermKind::place},      {{0x0040, 0xA027}, TermKind::place},
    {{0x0050, 0x001B}, TermKind::identifier}, {{0x3002, 0x0020}, TermKind::place},
    {{0x300A, 0x00B2}, TermKind::place},      {{0x4008, 0x011A}, TermKind::place},
});

const IdentifyingTag* find_identifying(Tag tag) {
  const auto* found = std::find_if(kIdentifying.begin(), kIdentifying.end(),
                                   [tag](const IdentifyingTag& each) { return each.tag == tag; });
  return found == kIdentifying.end() ? nullptr : found;
}

/// Names and numbers of the patient: what stands there matters however short it is.
bool is_of_the_patient(std::uint32_t packed) {
  static constexpr std::array<Tag, 7> kTags{{{0x0008, 0x0050},
                                             {0x0010, 0x0010},
                                             {0x0010, 0x0020},
                                             {0x0010, 0x1000},
                                             {0x0010, 0x1001},
                                             {0x0010, 0x1005},
                                             {0x0010, 0x1060}}};
  return std::any_of(kTags.begin(), kTags.end(),
                     [packed](Tag tag) { return tag.packed() == packed; });
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Splits at any of `marks`, leaving out what is empty.
std::vector<std::string_view> split(std::string_view text, std::string_view marks) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(marks), text.size());
    const std::string_view part = dicom::trimmed_both(text.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

class Collector {
 public:
  explicit Collector(IdentityTerms::State& state) : state_(state) {}

  void item(const dicom::Item& item) {
    for (const Element& element : item.elements) {
      if (element.holds == Holds::sequence) {
        for (const dicom::Item& each : element.items) this->item(each);
      } else if (element.holds == Holds::value && !element.value.empty()) {
        value(element);
      }
    }
  }

 private:
  void value(const Element& element) {
    const dicom::DictionaryEntry* entry = dicom::find(element.tag);
    const Vr registered = entry == nullptr ? Vr::none : entry->vr;
    const auto is = [&](Vr which) { return element.vr == which || registered == which; };
    const std::string_view text = dicom::trimmed(element.value);
    const std::uint32_t source = element.tag.packed();
    if (is(vr::UI)) return uids(text, element.tag);
    if (is(vr::PN)) return names(text, source);
    if (is(vr::DA) || is(vr::DT)) return dates(text, source);
    if (const IdentifyingTag* known = find_identifying(element.tag)) {
      identifying(text, known->kind, source);
    }
  }

  void add(std::string_view text, TermKind kind, std::uint32_t source, bool part_of_place = false) {
    // The beginning of a long text is evidence of the whole.
    text = dicom::trimmed_both(text).substr(0, kLongestTerm);
    const std::string term = upper_case(text);
    const bool is_word = term.size() < kShortestTerm || is_common_token(term);
    if (is_word && (term.size() < kShortestWord || !is_of_the_patient(source))) return;
    auto& all = is_word ? state_.words : state_.terms;
    if (all.size() >= kMostTerms && all.find(term) == all.end()) {
      state_.is_cut_off = true;
      return;
    }
    Term& known = all[term];
    known.kind = kind;
    known.digits_only = is_digits(term);
    known.part_of_place = known.part_of_place && part_of_place;
    known.sources.insert(source);
  }

  void uids(std::string_view text, Tag tag) {
    const bool of_classes = names_a_class(tag);
    for (const std::string_view uid : split(text, "\\")) {
      const bool of_instance = !of_classes || uid.starts_with("2.25.");
      const bool of_standard = dicom::is_structural_uid(uid) && !must_be_mapped(tag);
      if (of_instance && !of_standard) state_.uids.emplace(uid);
    }
  }

  void names(std::string_view text, std::uint32_t source) {
    for (const std::string_view name : split(text, "\\=")) {
      add(name, TermKind::person, source);
      const auto parts = split(name, "^ ,.;/()[]&\x1b");
      for (const std::string_view part : parts) add(part, TermKind::person, source);
      // As people write names: "ONE PHANTOM", "PHANTOM, ONE", "PHANTOM_ONE".
      if (parts.size() < 2) continue;
      const std::string last(parts[0]);
      const std::string first(parts[1]);
      for (const char* between : {" ", ", ", "_", "", "-", "."}) {
        add(last + between + first, TermKind::person, source);
        add(first + between + last, TermKind::person, source);
      }
    }
  }

  void dates(std::string_view text, std::uint32_t source) {
    constexpr std::size_t kDateDigits = 8;
    for (const std::string_view date : split(text, "\\-")) {
      const std::string_view day = date.substr(0, kDateDigits);
      if (day.size() == kDateDigits && is_digits(day) && day != "19000101") {
        add(day, TermKind::date, source);
      }
    }
  }

  void identifying(std::string_view text, TermKind kind, std::uint32_t source) {
    for (const std::string_view part : split(text, "\\\r\n")) {
      add(part, kind, source);
      if (kind != TermKind::place && kind != TermKind::person) continue;
      // Of a place only its longer words: "ST", "NEW", "UNIT" prove nothing.
      constexpr std::size_t kShortestPlaceWord = 5;
      for (const std::string_view word : split(part, " ,;:./()-_&^")) {
        if (word.size() >= kShortestPlaceWord) {
          add(word, kind, source, kind == TermKind::place && word.size() != part.size());
        }
      }
    }
  }

  IdentityTerms::State& state_;
};

}  // namespace

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

IdentityTerms::IdentityTerms() : state_(std::make_unique<State>()) {}
IdentityTerms::~IdentityTerms() = default;
IdentityTerms::IdentityTerms(IdentityTerms&&) noexcept = default;

void IdentityTerms::collect(const dicom::Dataset& source) {
  Collector(*state_).item(source.root());
}

}  // namespace veilroute::profiles
