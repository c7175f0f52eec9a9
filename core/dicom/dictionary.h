// Tags, VRs and the registry of PS3.6 (data-dictionary.tsv, compiled in).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace veilroute::dicom {

struct Tag {
  std::uint16_t group = 0;
  std::uint16_t element = 0;
  constexpr auto operator<=>(const Tag&) const = default;
  [[nodiscard]] constexpr std::uint32_t packed() const {
    return (static_cast<std::uint32_t>(group) << 16U) | element;
  }
  [[nodiscard]] constexpr bool is_private() const { return (group & 1U) != 0; }
  [[nodiscard]] constexpr bool is_group_length() const { return element == 0; }
  /// (gggg,0010-00FF) of an odd group: names the owner of a block (PS3.5 7.8.1).
  [[nodiscard]] constexpr bool is_private_creator() const {
    return is_private() && element >= 0x0010 && element <= 0x00FF;
  }
};
constexpr Tag tag_of(std::uint32_t packed) {
  return {static_cast<std::uint16_t>(packed >> 16U), static_cast<std::uint16_t>(packed & 0xFFFFU)};
}
/// "(0010,0020)", upper-case hexadecimal.
std::string to_text(Tag tag);
/// Accepts "(0010,0020)", "0010,0020" and "00100020".
std::optional<Tag> parse_tag(std::string_view text);

/// A value representation as its two letters; PS3.5 6.2. `none` where there is none (items).
enum class Vr : std::uint16_t { none = 0 };
constexpr Vr vr_of(char first, char second) {
  return static_cast<Vr>((static_cast<std::uint16_t>(first) << 8U) |
                         static_cast<std::uint8_t>(second));
}
namespace vr {
inline constexpr Vr AE = vr_of('A', 'E'), AS = vr_of('A', 'S'), AT = vr_of('A', 'T'),
                    CS = vr_of('C', 'S'), DA = vr_of('D', 'A'), DS = vr_of('D', 'S'),
                    DT = vr_of('D', 'T'), FD = vr_of('F', 'D'), FL = vr_of('F', 'L'),
                    IS = vr_of('I', 'S'), LO = vr_of('L', 'O'), LT = vr_of('L', 'T'),
                    OB = vr_of('O', 'B'), OD = vr_of('O', 'D'), OF = vr_of('O', 'F'),
                    OL = vr_of('O', 'L'), OV = vr_of('O', 'V'), OW = vr_of('O', 'W'),
                    PN = vr_of('P', 'N'), SH = vr_of('S', 'H'), SL = vr_of('S', 'L'),
                    SQ = vr_of('S', 'Q'), SS = vr_of('S', 'S'), ST = vr_of('S', 'T'),
                    SV = vr_of('S', 'V'), TM = vr_of('T', 'M'), UC = vr_of('U', 'C'),
                    UI = vr_of('U', 'I'), UL = vr_of('U', 'L'), UN = vr_of('U', 'N'),
                    UR = vr_of('U', 'R'), US = vr_of('U', 'S'), UT = vr_of('U', 'T'),
                    UV = vr_of('U', 'V');
}  // namespace vr
/// The two letters; "--" for none.
std::string to_text(Vr vr);
/// True for the 34 VRs of PS3.5 6.2.
bool is_known(Vr vr);
/// True where explicit VR encoding has two reserved bytes and a 32-bit length (PS3.5 7.1.2).
bool has_long_length(Vr vr);
/// True for VRs whose values are text in some character set or the default repertoire.
bool is_text(Vr vr);
/// The byte with which values of odd length are padded: NUL for UI and binary, else a space.
std::uint8_t padding_of(Vr vr);

/// One row of PS3.6.
struct DictionaryEntry {
  Tag tag;
  Vr vr = Vr::none;  ///< of several ("US or SS", "OB or OW") the one that implicit VR readers take
  std::string_view keyword;
  std::string_view name;
  bool retired = false;
};

/// The row of a tag; repeating groups (50xx, 60xx, and xx in elements) are resolved. Null when the
/// edition does not know it. Any thread, no lock.
const DictionaryEntry* find(Tag tag);
/// Every row without a repeating part, ascending by tag.
std::span<const DictionaryEntry> all_entries();
const DictionaryEntry* find_keyword(std::string_view keyword);
/// Keywords nearest to a misspelt one, best first, for error messages.
std::vector<std::string> nearest_keywords(std::string_view misspelt, std::size_t at_most);
/// The VR to assume for implicit VR: the dictionary's; UL for group lengths, LO for private
/// creators, UN for everything unknown and private.
Vr implicit_vr(Tag tag);

/// Tags the code names often.
namespace tags {
inline constexpr Tag SpecificCharacterSet{0x0008, 0x0005}, SOPClassUID{0x0008, 0x0016},
    SOPInstanceUID{0x0008, 0x0018}, AccessionNumber{0x0008, 0x0050}, Modality{0x0008, 0x0060},
    PatientName{0x0010, 0x0010}, PatientID{0x0010, 0x0020}, IssuerOfPatientID{0x0010, 0x0021},
    StudyInstanceUID{0x0020, 0x000D}, SeriesInstanceUID{0x0020, 0x000E},
    NumberOfFrames{0x0028, 0x0008}, Rows{0x0028, 0x0010}, Columns{0x0028, 0x0011},
    PixelData{0x7FE0, 0x0010}, FloatPixelData{0x7FE0, 0x0008}, DoubleFloatPixelData{0x7FE0, 0x0009},
    Item{0xFFFE, 0xE000}, ItemDelimitation{0xFFFE, 0xE00D}, SequenceDelimitation{0xFFFE, 0xE0DD};
}  // namespace tags

}  // namespace veilroute::dicom
