// What a value must look like to be kept although nobody has read it: strict on purpose. A shape
// does not prove a value harmless; verify searches what is kept for the patient's identity.
#pragma once

#include <string_view>

#include "core/dicom/dataset.h"
#include "profiles/standard_table.h"

namespace veilroute::profiles {

/// True when every component (backslash) of a text fits: printable ASCII only, length and digits
/// within the shape's limits. Not for Shape::code and Shape::bulk.
bool fits(Shape shape, std::string_view text);

/// A code item (PS3.3 8.8) whose coding scheme is a published one, and whose Code Value and Code
/// Meaning look like that scheme's: only then may its texts stay (local codes carry names).
bool is_published_code(const dicom::Item& item);

/// CS: upper-case letters, digits, underscore and spaces; 16 characters; no long numbers.
bool is_code_string(std::string_view text);
/// Nothing but printable characters: a sentence where a table, a curve or numbers should be.
bool reads_as_text(ByteView bytes);
/// DS or IS: each component one number.
bool is_number_string(std::string_view text);

/// Calls `each` with every component of a multi-valued text; false as soon as one call is.
template <typename Each>
bool all_components(std::string_view text, Each each) {
  for (;;) {
    const std::size_t end = text.find('\\');
    if (!each(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace veilroute::profiles
