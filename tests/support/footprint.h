// What this process holds: descriptors, threads, memory. And sockets by the thousand, without more
// than a descriptor for each.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/descriptor.h"

namespace veilroute::test {

struct Footprint {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t resident_kb = 0;
};

inline Footprint footprint() {
  const auto entries = [](const char* folder) {
    const std::filesystem::directory_iterator begin(folder);
    return static_cast<std::size_t>(std::distance(begin, {}));
  };
  Footprint found{entries("/proc/self/fd") - 1, entries("/proc/self/task"), 0};
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> found.resident_kb;
  }
  return found;
}

inline std::size_t grown_kb(const Footprint& before, const Footprint& after) {
  return after.resident_kb > before.resident_kb ? after.resident_kb - before.resident_kb : 0;
}

/// So many descriptors, or what the hard limit allows; the soft limit after.
inline std::size_t allow_descriptors(std::size_t wanted) {
  rlimit limit{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  return limit.rlim_cur;
}

inline sockaddr_in loopback(std::uint16_t port, unsigned host = 1) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(0x7F000000U + host);
  return address;
}

inline Descriptor unconnected() { return Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

inline bool connect_to_loopback(const Descriptor& socket, std::uint16_t port) {
  const sockaddr_in there = loopback(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof(there)) == 0;
}

/// Connected to 127.0.0.1:port from 127.0.0.`host`.
inline Descriptor connected_from(unsigned host, std::uint16_t port) {
  Descriptor socket = unconnected();
  const sockaddr_in here = loopback(0, host);
  const bool bound =
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof(here)) == 0;
  EXPECT_TRUE(bound && connect_to_loopback(socket, port)) << "from 127.0.0." << host;
  return socket;
}

}  // namespace veilroute::test
