// Specific Character Set (0008,0005): what the bytes of a text say (PS3.5 6.1, PS3.3 C.12.1.1.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/dataset.h"
#include "core/dicom/dictionary.h"

namespace veilroute::dicom {

/// The code tables that ISO 2022 escapes choose between.
enum class CodeTable : std::uint8_t {
  none,       ///< bytes of that half have no meaning
  ascii,      ///< IR 6
  roman,      ///< IR 14: ASCII with a yen sign and an overline
  katakana,   ///< IR 13
  latin1, latin2, latin3, latin4, latin5, latin9,  ///< IR 100, 101, 109, 110, 148, 203
  cyrillic, arabic, greek, hebrew, thai,           ///< IR 144, 127, 126, 138, 166
  jisx0208, jisx0212, ksx1001, gb2312,             ///< IR 87, 159, 149, 58
};

/// How the text of one item is encoded. A plain value; equal ones decode alike.
struct CharacterSet {
  enum class Coding : std::uint8_t {
    tables,   ///< single bytes, and code extensions where `has_extensions`
    utf8,     ///< ISO_IR 192
    gb18030,
    gbk,
    unknown,  ///< a term nobody has defined: nothing but ASCII can be told
  };
  Coding coding = Coding::tables;
  CodeTable left = CodeTable::ascii;   ///< at the beginning, and after each delimiter
  CodeTable right = CodeTable::none;
  bool has_extensions = false;
  bool operator==(const CharacterSet&) const = default;
};

/// From the value of (0008,0005). Empty: the default repertoire. Spellings that devices write
/// ("ISO-IR 100", "ISO IR100") are taken for what they mean; a lone "ISO 2022 IR 100" is ISO_IR 100 with
/// extensions, and "ISO 2022 IR 149" or "58" as the first value means that its characters may come
/// without an escape. Sets that allow no extensions (ISO_IR 192, GB18030, GBK) beside others are unknown.
CharacterSet parse_character_set(std::string_view value);

/// Of an item: its own, or the one around it (PS3.3 C.12.1.1.2: items inherit).
CharacterSet character_set_of(const Item& item, const CharacterSet& inherited);

/// The VRs whose text it governs: SH, LO, ST, LT, UC, UT and PN (PS3.5 6.1.2.2). All other text is ASCII.
bool is_in_character_set(Vr vr);

/// True where a backslash parts values: of all text but ST, LT, UT and UR.
bool has_values(Vr vr);

/// True for text that reads the same in every character set but UTF-16: graphic ASCII, blanks, line
/// and page ends, and padding at the end.
bool is_plain_ascii(ByteView value);

/// The text in UTF-8, without padding at the end. Delimiters are the ASCII ones, and only where they are
/// delimiters or text: a byte 5C inside a character is not among them, so values are split after
/// decoding. nullopt: a byte, an escape or a control character that the set does not have. Any thread.
std::optional<std::string> decode_text(ByteView value, Vr vr, const CharacterSet& set);

/// The values of a decoded text, without blanks around them; empty ones too.
std::vector<std::string_view> values_of(std::string_view decoded, Vr vr);

/// Follows the character set through a reading in which items follow their sequence, attribute by
/// attribute. What it is given must outlive it. One thread.
class CharacterSetWalk {
 public:
  /// The set of the item in which the next attribute stands: `item` is the path to it, "" at the top.
  const CharacterSet& enter(std::string_view item, unsigned depth);
  /// That attribute was Specific Character Set.
  void declare(std::string_view value);

 private:
  struct Level {
    std::string_view item;
    CharacterSet set;
  };
  std::vector<Level> levels_;
};

}  // namespace veilroute::dicom
