// What kind of failure a slug names: one table, for the upper layer, TLS, HTTP and our own side.
// How each class is tried again is in config/retry.h. Walk step 10.
#pragma once

#include <optional>
#include <string_view>

#include "config/retry.h"

namespace veilroute::router {

/// The class of a slug that the table knows, by itself or by its family; nothing otherwise. Pure.
std::optional<config::FailureClass> known_class(std::string_view slug);

/// The same, and `other` for what nobody knows.
config::FailureClass class_of(std::string_view slug);

/// True for the classes that say that the receiver is not there for us: the others among its
/// transfers would fail as well. See router/breaker.h.
bool is_peer_gone(config::FailureClass one);

}  // namespace veilroute::router
