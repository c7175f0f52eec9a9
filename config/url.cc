// The address of a server that is spoken to by HTTP.
#include "config/url.h"

#include <algorithm>
#include <charconv>

#include "config/words.h"

namespace veilroute::config {

namespace {

constexpr std::string_view kEncrypted = "https://";
constexpr std::string_view kPlain = "http://";

bool is_path(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const char low = lower(c);
    return is_digit(c) || (low >= 'a' && low <= 'z') ||
           std::string_view("-._~/").find(c) != std::string_view::npos;
  });
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool good = code == std::errc() && end == text.data() + text.size() && port != 0;
  return good ? std::optional(port) : std::nullopt;
}

/// "host", "host:port", "[::1]:port".
std::optional<Endpoint> address_in(std::string_view text, std::uint16_t port) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  const std::string_view host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  std::string_view rest =
      end == std::string_view::npos ? "" : text.substr(bracketed ? end + 1 : end);
  if (!is_host(host) || bracketed != (host.find(':') != std::string_view::npos))
    return std::nullopt;
  if (rest.empty()) return Endpoint{std::string(host), port};
  if (!rest.starts_with(':')) return std::nullopt;
  const auto written = port_in(rest.substr(1));
  if (!written) return std::nullopt;
  return Endpoint{std::string(host), *written};
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  url.encrypted = text.starts_with(kEncrypted);
  if (!url.encrypted && !text.starts_with(kPlain)) return std::nullopt;
  text.remove_prefix(url.encrypted ? kEncrypted.size() : kPlain.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = address_in(text.substr(0, slash), url.encrypted ? 443 : 80);
  url.path = text.substr(slash);
  if (!address || !is_path(url.path)) return std::nullopt;
  url.address = *address;
  return url;
}

}  // namespace veilroute::config
