// Strong types for the names and numbers that would otherwise be mistaken for one another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace veilroute {

/// A value with a meaning. Same Tag, same meaning; nothing converts by itself.
template <typename Tag, typename T>
struct Strong {
  T value{};
  auto operator<=>(const Strong&) const = default;
};

/// Our own numbers: node-prefixed (16 bits), arrival-ordered; safe to log and to show.
using ObjectId = Strong<struct ObjectIdTag, std::uint64_t>;
using SegmentId = Strong<struct SegmentIdTag, std::uint64_t>;
using StudyKey = Strong<struct StudyKeyTag, std::uint64_t>;
using TransferId = Strong<struct TransferIdTag, std::uint64_t>;
using AssociationId = Strong<struct AssociationIdTag, std::uint64_t>;

/// Names from the configuration: safe to log.
using RouteName = Strong<struct RouteNameTag, std::string>;
using DestinationName = Strong<struct DestinationNameTag, std::string>;
using SourceName = Strong<struct SourceNameTag, std::string>;
using ListenerName = Strong<struct ListenerNameTag, std::string>;
using ProfileName = Strong<struct ProfileNameTag, std::string>;

/// Digest of a profile's text, parents, tables and engine version, in hexadecimal.
using ProfileVersion = Strong<struct ProfileVersionTag, std::string>;
/// Pseudonym scope: "site", "destination:NAME" or "project:NAME".
using Scope = Strong<struct ScopeTag, std::string>;

/// Names from outside. AE titles and UIDs may identify a person or a place: never log them.
using AeTitle = Strong<struct AeTitleTag, std::string>;
using Uid = Strong<struct UidTag, std::string>;

}  // namespace veilroute

template <typename Tag, typename T>
// Specialised as the standard allows for a type of one's own. NOLINTNEXTLINE(cert-dcl58-cpp)
struct std::hash<veilroute::Strong<Tag, T>> {
  std::size_t operator()(const veilroute::Strong<Tag, T>& id) const {
    return std::hash<T>{}(id.value);
  }
};
