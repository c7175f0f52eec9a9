// Which copy was made from which source: by a map, by name, or by order.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/object_file.h"
#include "app/paths.h"

namespace veilroute::app {

/// A file that could be read as an object.
struct ReadFile {
  FoundFile file;
  ObjectFile object;
};

struct Pairs {
  /// For each copy the index of its source; nothing: it is not known.
  std::vector<std::optional<std::size_t>> source_of;
  std::string by;  ///< "map", "name", "order", "one" (file and file)
  /// False for pairs by order: names said nothing, so nothing may rest on them.
  [[nodiscard]] bool certain() const { return by != "order"; }
};

/// `map` empty: none. `invalid`: "verify.map-unreadable", "verify.cannot-pair".
Result<Pairs> pair_copies(const std::vector<ReadFile>& sources, const std::vector<ReadFile>& copies,
                          const std::filesystem::path& map);

}  // namespace veilroute::app
