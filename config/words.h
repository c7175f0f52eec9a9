// Single values as operators write them: durations, sizes, names, AE titles, addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"
#include "core/base/clock.h"

namespace veilroute::config {

/// ASCII alone, whatever the locale; other bytes stay as they are.
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "250ms", "30s", "15min", "2h", "7d"; whole numbers only, at most ten years.
std::optional<Duration> parse_duration(std::string_view text);
/// "512MiB", "2GB", "64kB", "1000B"; whole numbers only, at most an exbibyte.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// "0.0.0.0:11112", "[::]:11112": an address, since a name may stand for several. The port is 0 to
/// 65535.
std::optional<Endpoint> parse_endpoint(std::string_view text);
/// "pacs.example:104", "10.0.0.1:104", "[fd00::1]:104": whom to call. The port is 1 to 65535.
std::optional<Endpoint> parse_host_and_port(std::string_view text);
/// An IPv4 or IPv6 address, or a host name of letters, digits, hyphens and dots.
bool is_host(std::string_view text);
/// True for 127.0.0.0/8, ::1 and "localhost".
bool is_loopback(std::string_view host);
/// True when none of its endpoints is on another machine.
bool stays_on_this_machine(const Destination& destination);
/// True for the addresses that mean every one of the machine's own: 0.0.0.0 and ::.
bool is_any_address(std::string_view host);

/// What may be the name of a route, a destination and so on: letters, digits, "-", "_", ".", at
/// most
/// 64. Names are logged and shown, so nothing else may be in them.
bool is_name(std::string_view text);
/// 1 to 16 printable ASCII characters without backslash, no space at either end (PS3.5 6.2, AE).
bool is_ae_title(std::string_view text);

/// A network in CIDR notation, or one address. IPv4 addresses in IPv6 dress count as IPv4.
struct Network {
  bool ipv6 = false;
  std::array<std::uint8_t, 16> address{};  ///< IPv4: the first four
  unsigned prefix = 0;                     ///< how many leading bits count
};
/// "10.20.0.0/16", "fd00::/8", "10.20.1.5". Bits beyond the prefix must be zero.
std::optional<Network> parse_network(std::string_view text);
bool contains(const Network& network, const Network& inner);
bool overlap(const Network& a, const Network& b);

/// A date as "YYYY-MM-DD" that exists.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);

}  // namespace veilroute::config
