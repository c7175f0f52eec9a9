// A person who does not exist, with something of every class of 45 CFR 164.514(b)(2)(i), written as
// each VR and each character set of PS3.5 6.1 would hold it. What the planter plants.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dicom/dataset.h"

namespace veilroute::profiles::proof {

enum class Shaped : std::uint8_t { text, date, time, age };

/// One identifying value.
struct Fact {
  char hipaa;  ///< 'A' names ... 'R' any other unique number (deid.md D)
  const char* what;
  Shaped shaped;
  std::string_view text;    ///< as people write it
  std::string_view brief;   ///< its telling part, of 16 characters at most
  std::string_view digits;  ///< its number; empty: it has none
  dicom::Tag home;          ///< where an object ordinarily says it; (0000,0000): nowhere
};
std::span<const Fact> facts();

/// The value in the form of a VR; empty where the VR cannot hold it.
std::string form_of(const Fact& fact, dicom::Vr vr);
/// The byte strings of which none may leave: every form, in ASCII and in UTF-16 of both orders.
std::vector<std::string> needles_of(const Fact& fact);

/// A name under one character set of PS3.5 6.1. The bytes are written by hand from the standard's
/// own examples and code tables; nothing here converts.
struct Script {
  std::string_view charset;           ///< Specific Character Set, as it stands in the object
  std::string_view bytes;             ///< a PN value
  std::vector<std::string_view> raw;  ///< its telling parts in that character set
  std::vector<std::string_view> utf8;
};
const std::vector<Script>& scripts();

/// Text of UTF-8 in UTF-16, big endian if so asked. Of code points up to FFFF.
std::string utf16(std::string_view utf8, bool big_endian);

/// A digital X-ray of that person: each fact stands at its home, and the pixels are a ramp.
dicom::Dataset person(std::string_view transfer_syntax);

}  // namespace veilroute::profiles::proof
