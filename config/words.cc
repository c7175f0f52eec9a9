// Single values as operators write them.
#include "config/words.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace veilroute::config {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit kDurations[] = {{"ms", 1'000},
                               {"s", 1'000'000},
                               {"min", 60'000'000},
                               {"h", 3'600'000'000},
                               {"d", 86'400'000'000}};
constexpr std::uint64_t kLongestDuration = 86'400'000'000ULL * 3660;
constexpr Unit kSizes[] = {{"B", 1},
                           {"kB", 1'000},
                           {"MB", 1'000'000},
                           {"GB", 1'000'000'000},
                           {"TB", 1'000'000'000'000},
                           {"KiB", 1ULL << 10U},
                           {"MiB", 1ULL << 20U},
                           {"GiB", 1ULL << 30U},
                           {"TiB", 1ULL << 40U}};
constexpr std::uint64_t kLargestSize = 1ULL << 60U;
constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestAeTitle = 16;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// All of `text` as a whole number without a sign.
template <typename T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <std::size_t N>
std::optional<std::uint64_t> measure(std::string_view text, const Unit (&units)[N],
                                     std::uint64_t most) {
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  const auto count = whole_number<std::uint64_t>(text.substr(0, digits));
  const auto* unit = std::find_if(std::begin(units), std::end(units),
                                  [&](const Unit& one) { return one.name == text.substr(digits); });
  if (!count || unit == std::end(units) || *count > most / unit->factor) return std::nullopt;
  return *count * unit->factor;
}

std::optional<Network> parse_address(std::string_view text) {
  const std::string copy(text);
  Network network;
  if (::inet_pton(AF_INET, copy.c_str(), network.address.data()) == 1) {
    network.prefix = 32;
    return network;
  }
  if (::inet_pton(AF_INET6, copy.c_str(), network.address.data()) != 1) return std::nullopt;
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), network.address.begin())) {
    std::copy(network.address.begin() + 12, network.address.end(), network.address.begin());
    std::fill(network.address.begin() + 4, network.address.end(), std::uint8_t{0});
    network.prefix = 32;
    return network;
  }
  network.ipv6 = true;
  network.prefix = 128;
  return network;
}

bool bit(const Network& network, unsigned index) {
  return ((network.address[index / 8] >> (7U - index % 8)) & 1U) != 0;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestHost) return false;
  bool has_letter = false;
  std::size_t label = 0;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? (label == 0 || before == '-') : !(is_letter(c) || is_digit(c) || c == '-')) {
      return false;
    }
    if (c == '-' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > kLongestLabel) return false;
    has_letter = has_letter || is_letter(c);
    before = c;
  }
  // Without a letter it is an address with a mistake in it, such as "10.20.0.256".
  return has_letter && before != '.' && before != '-';
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto micros = measure(text, kDurations, kLongestDuration);
  if (!micros) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*micros));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return measure(text, kSizes, kLargestSize);
}

bool is_host(std::string_view text) { return parse_address(text) || is_host_name(text); }

namespace {

/// The two parts of "HOST:PORT"; whether the host is one is for the caller.
std::optional<Endpoint> split_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets "::1:104" could be read in two ways.
  const bool has_colon = host.find(':') != std::string_view::npos;
  if (!port || has_colon != bracketed) return std::nullopt;
  return Endpoint{std::string(host), *port};
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  auto parts = split_endpoint(text);
  if (parts && !parse_address(parts->host)) parts.reset();
  return parts;
}

std::optional<Endpoint> parse_host_and_port(std::string_view text) {
  auto parts = split_endpoint(text);
  if (parts && (parts->port == 0 || !is_host(parts->host))) parts.reset();
  return parts;
}

bool is_loopback(std::string_view host) {
  static const Network kLoopback4 = *parse_network("127.0.0.0/8");
  static const Network kLoopback6 = *parse_network("::1");
  if (host == "localhost") return true;
  const auto address = parse_address(host);
  return address && (contains(kLoopback4, *address) || contains(kLoopback6, *address));
}

bool stays_on_this_machine(const Destination& destination) {
  return is_loopback(destination.address.host) &&
         std::all_of(destination.others.begin(), destination.others.end(),
                     [](const Endpoint& other) { return is_loopback(other.host); });
}

bool is_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kLongestName) return false;
  if (!is_letter(text.front()) && !is_digit(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

bool is_ae_title(std::string_view text) {
  if (text.empty() || text.size() > kLongestAeTitle) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto network = parse_address(text.substr(0, slash));
  if (!network || slash == std::string_view::npos) return network;
  const auto prefix = whole_number<unsigned>(text.substr(slash + 1));
  if (!prefix || *prefix > network->prefix) return std::nullopt;
  const unsigned bits = network->prefix;
  network->prefix = *prefix;
  for (unsigned i = *prefix; i < bits; ++i) {
    if (bit(*network, i)) return std::nullopt;
  }
  return network;
}

bool contains(const Network& network, const Network& inner) {
  if (network.ipv6 != inner.ipv6 || inner.prefix < network.prefix) return false;
  for (unsigned i = 0; i < network.prefix; ++i) {
    if (bit(network, i) != bit(inner, i)) return false;
  }
  return true;
}

bool overlap(const Network& a, const Network& b) { return contains(a, b) || contains(b, a); }

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = whole_number<int>(text.substr(0, 4));
  const auto month = whole_number<unsigned>(text.substr(5, 2));
  const auto day = whole_number<unsigned>(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return date;
}

}  // namespace veilroute::config
