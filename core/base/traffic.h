// What passed through this process since it started, for metrics. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace veilroute {

struct Traffic {
  std::atomic<std::uint64_t> objects_received{0};  ///< acknowledged as durable
  std::atomic<std::uint64_t> bytes_received{0};    ///< of their data sets
  std::atomic<std::uint64_t> attempts{0};          ///< that ended, however
  std::atomic<std::uint64_t> objects_sent{0};      ///< acknowledged by the receiver
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> objects_refused{0};   ///< by the receiver
};

}  // namespace veilroute
