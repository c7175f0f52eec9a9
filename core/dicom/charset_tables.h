// Code tables of the character sets that DICOM names, made from the system's (iconv) at first use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/charset.h"

namespace veilroute::dicom {

/// True for the tables of two bytes a character.
bool is_double_byte(CodeTable table);

/// The character of a byte A0-FF in a right-hand table; 0 where there is none. Any thread.
char32_t character_of(CodeTable table, std::uint8_t byte);

/// The character at row and cell (21-7E each); 0 where there is none. Any thread.
char32_t character_of(CodeTable table, std::uint8_t row, std::uint8_t cell);

/// UTF-8 of bytes in an encoding that the system names so; nullopt when they are none of it, or the
/// system does not have it.
std::optional<std::string> from_encoding(std::string_view bytes, const char* encoding);

/// The byte forms in which devices and their files write a text: each encoding that has all of its
/// characters, single and double byte, ISO 2022, UTF-8 (composed and not) and UTF-16; without doubles.
/// Of ASCII: itself and UTF-16.
std::vector<std::string> byte_forms(std::string_view utf8);

}  // namespace veilroute::dicom
