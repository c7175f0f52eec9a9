// JSON that a peer sent: read without exceptions, to a depth that no stack minds.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace veilroute::router {

inline constexpr int kDeepestJson = 32;

/// Nothing for text that is no JSON or nests deeper than any answer has reason to. The text's
/// length is the caller's to bound.
inline std::optional<nlohmann::json> parse_json(std::string_view text) {
  using nlohmann::json;
  bool too_deep = false;
  const auto watch = [&too_deep](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kDeepestJson;
    return !too_deep;
  };
  json parsed = json::parse(text.begin(), text.end(), watch, false);
  if (too_deep || parsed.is_discarded()) return std::nullopt;
  return parsed;
}

}  // namespace veilroute::router
