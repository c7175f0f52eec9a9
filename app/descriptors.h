// How many files and sockets the configuration may need open at one time, and the system's limit.
#pragma once

#include <cstdint>
#include <optional>

#include "config/config.h"
#include "config/load.h"

namespace veilroute::app {

/// With every listener and every destination as busy as it may be. An association holds its socket
/// and a segment of the spool; an attempt its socket, its outbox and the objects it reads.
std::uint64_t descriptors_needed(const config::Config& config);

/// What this process may have open, and could allow itself (RLIMIT_NOFILE, getrlimit(2)).
struct DescriptorLimit {
  std::uint64_t now = 0;
  std::uint64_t most = 0;
};
DescriptorLimit descriptor_limit();

/// Raises the soft limit to `needed`, or as far as the system lets; never lowers it. The limit after.
std::uint64_t raise_descriptor_limit(std::uint64_t needed);

/// A warning for `check` and the log when `most` is less than the configuration may need:
/// network.too-few-descriptors. A node may still run: callers beyond the limit are turned away.
std::optional<config::Problem> too_few_descriptors(const config::Config& config, std::uint64_t most);

}  // namespace veilroute::app
