// Clock: the only source of "now".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace veilroute {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

inline std::int64_t to_micros(TimePoint at) { return at.time_since_epoch().count(); }
inline TimePoint from_micros(std::int64_t micros) { return TimePoint(Duration(micros)); }

/// RFC 3339 in UTC with milliseconds: "2026-11-23T08:15:00.000Z".
std::string to_text(TimePoint at);

}  // namespace veilroute
