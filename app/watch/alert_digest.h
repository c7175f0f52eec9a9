// AlertDigest: which changes of the site's conditions are worth a message, and when. Pure but for
// its memory; a flood of changes becomes one message.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/watch/conditions.h"

namespace veilroute::app {

/// One message's content.
struct Bulletin {
  std::vector<Condition> raised;    ///< since the last message
  std::vector<Condition> standing;  ///< told before, and still so
  std::vector<Condition> cleared;   ///< told before, and over
};

/// Notices are for `doctor` alone. A critical condition that was not told yet is told at once, any
/// other change once `every` has passed since the last message; what stands for `remind_every` is
/// told again. What comes and goes in between is not told. One thread.
class AlertDigest {
 public:
  AlertDigest(Duration every, Duration remind_every) : every_(every), remind_every_(remind_every) {}
  /// The site's conditions at this time; a bulletin when one is due. It counts as told once sent()
  /// says so: until then the next look gives it again.
  std::optional<Bulletin> look(TimePoint now, const std::vector<Condition>& conditions);
  void sent(TimePoint now);

 private:
  using Key = std::pair<std::string, std::string>;  ///< slug, subject
  Duration every_;
  Duration remind_every_;
  std::map<Key, Condition> told_;     ///< by the last message that arrived
  std::map<Key, Condition> present_;  ///< at the last look
  std::map<Key, TimePoint> urgent_;   ///< critical ones: when they were last told at once
  std::optional<TimePoint> last_;     ///< message
};

}  // namespace veilroute::app
