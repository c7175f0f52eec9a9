// Which attributes identify, and whom or what.
#include <algorithm>
#include <array>

#include "profiles/identity_terms.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;

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

}  // namespace

const TermKind* identifying_kind(Tag tag) {
  const auto* found = std::find_if(kIdentifying.begin(), kIdentifying.end(),
                                   [tag](const IdentifyingTag& each) { return each.tag == tag; });
  return found == kIdentifying.end() ? nullptr : &found->kind;
}

bool is_of_the_patient(Tag tag) {
  static constexpr std::array<Tag, 7> kTags{{{0x0008, 0x0050},
                                             {0x0010, 0x0010},
                                             {0x0010, 0x0020},
                                             {0x0010, 0x1000},
                                             {0x0010, 0x1001},
                                             {0x0010, 0x1005},
                                             {0x0010, 0x1060}}};
  return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

}  // namespace veilroute::profiles
