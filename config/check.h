// What one line cannot show: that the parts of a configuration fit together.
#pragma once

#include <vector>

#include "config/read_table.h"

namespace veilroute::config {

/// A configuration as far as it could be read, with the tables its parts came from, part by part in
/// the same order.
struct Draft {
  Config config;
  std::vector<TableReader> site;  ///< one, or none when [site] is missing
  std::vector<TableReader> completion;
  std::vector<TableReader> commitment;
  std::vector<TableReader> monitor;
  std::vector<TableReader> alerts;
  std::vector<TableReader> listeners;
  std::vector<TableReader> sources;
  std::vector<TableReader> destinations;
  std::vector<TableReader> routes;
};

/// Reports through the tables, at the place of what is wrong. A value that was reported while it was
/// read is not reported again through what would follow from it. Whatever router::ask_gate would
/// refuse for every study is told here, where somebody is looking: as an error, but for an approval
/// that is missing or over and a route that is disabled, which keep no node from starting. Touches the files that the
/// configuration names, changes nothing.
void check(const Draft& draft, const std::vector<KnownProfile>& profiles, TimePoint now);

}  // namespace veilroute::config
