// Messages between the command line and the node: length-prefixed JSON, with an open file beside it
// where one is handed over.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "app/file_source.h"
#include "core/base/result.h"

namespace veilroute::app {

using json = nlohmann::json;

inline constexpr std::uint32_t kMostRequestBytes = 1U << 20U;
inline constexpr std::uint32_t kMostAnswerBytes = 64U << 20U;
/// Deeper nesting would let a text of brackets run our parser out of stack.
inline constexpr int kDeepestJson = 64;

/// `invalid` ("json.unreadable") for what is not JSON or nests too deep. Never throws.
Result<json> parse_json(std::string_view text);

struct Message {
  json body;
  Descriptor descriptor;  ///< an open file that came along, if any
};

/// Writes the whole message; `descriptor` goes along unless negative. `unavailable` when the other
/// end is gone.
Result<void> send_message(int socket, const json& body, int descriptor = -1);
/// The next message; none when the other end closed between messages. Longer than `longest_bytes`:
/// `exhausted` ("control.message-too-long").
Result<std::optional<Message>> receive_message(int socket, std::uint32_t longest_bytes);

/// Overwrites every text in it: for answers that carried a secret.
void wipe(json& body);

/// Failures cross as {"kind", "slug", "detail"}.
json to_json(const Error& error);
Error error_of(const json& body);

}  // namespace veilroute::app
