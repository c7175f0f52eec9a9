// The log: events with fields, never sentences, never values that may identify a person.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace veilroute::log {

enum class Level : std::uint8_t { debug, info, warn, error };

/// One field. The constructors are the list of what may be logged: numbers, our own ids, names from
/// the configuration, slugs. There is none for Uid, AeTitle or Phi, and none for plain std::string:
/// text() is for literals, slugs and places we made ourselves.
class Field {
 public:
  template <typename Tag>
  Field(std::string_view key, const Strong<Tag, std::uint64_t>& id)
      : key_(key), value_(std::to_string(id.value)) {}
  Field(std::string_view key, const RouteName& name) : key_(key), value_(name.value) {}
  Field(std::string_view key, const DestinationName& name) : key_(key), value_(name.value) {}
  Field(std::string_view key, const SourceName& name) : key_(key), value_(name.value) {}
  Field(std::string_view key, const ListenerName& name) : key_(key), value_(name.value) {}
  Field(std::string_view key, const ProfileName& name) : key_(key), value_(name.value) {}
  Field(std::string_view key, std::uint64_t number)
      : key_(key), value_(std::to_string(number)), is_number_(true) {}
  Field(std::string_view key, ErrorKind kind) : key_(key), value_(to_string(kind)) {}
  static Field text(std::string_view key, std::string_view own_words) {
    return Field(key, std::string(own_words), 0);
  }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] const std::string& value() const { return value_; }
  /// A count or a measure, written without quotes in JSON. Ids are not: they use all 64 bits, which
  /// readers of JSON round.
  [[nodiscard]] bool is_number() const { return is_number_; }

 private:
  Field(std::string_view key, std::string value, int) : key_(key), value_(std::move(value)) {}
  std::string key_;
  std::string value_;
  bool is_number_ = false;
};

/// How the log is written; call once at start, before the first thread. Without it, events of level
/// warn and above go to stderr. `json` writes one object a line instead of key=value.
struct Settings {
  Level lowest = Level::info;
  bool json = false;
  std::string file{};  ///< beside stderr, appended; empty: none
};
Result<void> start(const Settings& settings);

/// Writes "TIME info  event=transfer.deferred transfer=41 ...". Any thread.
void write(Level level, std::string_view event, std::initializer_list<Field> fields);
inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::error, event, fields);
}

}  // namespace veilroute::log
