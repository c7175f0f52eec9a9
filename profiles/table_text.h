// The compiled-in tables as text: cut piece by piece, nothing copied.
#pragma once

#include <algorithm>
#include <string_view>

namespace veilroute::profiles {

/// The text from `begin` to `end`, as veilroute_embed in CMakeLists.txt names them.
inline std::string_view embedded_table(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// What stands before the first `at`, or all there is; it and that `at` are taken off `text`.
inline std::string_view take_until(std::string_view& text, char at) {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// Calls `row` with each line after the header line.
template <typename Row>
void for_each_line(std::string_view table, Row row) {
  take_until(table, '\n');
  while (!table.empty()) row(take_until(table, '\n'));
}

}  // namespace veilroute::profiles
