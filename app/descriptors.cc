#include "app/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <thread>

#include "app/site.h"
#include "scp/listener.h"

namespace veilroute::app {
namespace {

/// Catalog, log, lock, control socket, event descriptors, the standard streams; and some room.
constexpr std::uint64_t kOfTheNode = 96;
/// Socket, epoll and interrupt.
constexpr std::uint64_t kOfAListener = 3;
/// Socket, outbox, and the segment being read; twice, since a reader may change segments.
constexpr std::uint64_t kOfAnAttempt = 6;
constexpr std::uint64_t kOfAPreparer = 8;

}  // namespace

std::uint64_t descriptors_needed(const config::Config& config) {
  std::uint64_t needed = kOfTheNode + store::segments_for(objects_at_once(config));
  for (const auto& listener : config.listeners) {
    needed += kOfAListener + scp::kMostHalfOpen + scp::kMostProbesAtOnce;
    needed += listener.most_associations;
  }
  for (const auto& destination : config.destinations) {
    needed += kOfAnAttempt * destination.associations;
  }
  return needed + kOfAPreparer * std::max(1U, std::thread::hardware_concurrency());
}

DescriptorLimit descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return {limit.rlim_cur, limit.rlim_max};
}

std::uint64_t raise_descriptor_limit(std::uint64_t needed) {
  const DescriptorLimit has = descriptor_limit();
  const std::uint64_t wanted = std::min(needed, has.most);
  if (wanted <= has.now) return has.now;
  const rlimit limit{wanted, has.most};
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? wanted : has.now;
}

std::optional<config::Problem> too_few_descriptors(const config::Config& config,
                                                   std::uint64_t most) {
  const std::uint64_t needed = descriptors_needed(config);
  if (needed <= most) return std::nullopt;
  config::Problem problem;
  problem.place.file = "site.toml";
  problem.what = "the listeners and destinations may need " + std::to_string(needed) +
                 " open files and sockets, and the system allows " + std::to_string(most) +
                 ": raise the hard limit (LimitNOFILE in the node's unit, or ulimit -Hn), or lower "
                 "most_associations";
  problem.slug = "network.too-few-descriptors";
  problem.warning = true;
  return problem;
}

}  // namespace veilroute::app
