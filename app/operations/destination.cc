// queue.pause, queue.resume, destination.resume, destination.states
#include <charconv>
#include <optional>

#include "app/operations/operation.h"
#include "config/words.h"
#include "router/destination_state.h"

namespace veilroute::app {
namespace {

using router::Breaker;

/// The digits at `at`, all of them digits; nothing otherwise.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  if (at + count > text.size()) return std::nullopt;
  const char* begin = text.data() + at;
  const auto read = std::from_chars(begin, begin + count, number);
  if (read.ec != std::errc() || read.ptr != begin + count || number < 0) return std::nullopt;
  return number;
}

/// "2026-11-28T18:00Z", seconds where they are given.
std::optional<TimePoint> moment_of(std::string_view text) {
  const bool seconds_given = text.size() == 20;
  const bool formed = (seconds_given || text.size() == 17) && text[10] == 'T' && text[13] == ':' &&
                      text.back() == 'Z' && (!seconds_given || text[16] == ':');
  if (!formed) return std::nullopt;
  const auto day = config::parse_date(std::string(text.substr(0, 10)));
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = seconds_given ? digits(text, 17, 2) : std::optional(0);
  if (!day || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return TimePoint(std::chrono::sys_days(*day)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

/// "2h" from now, or a moment. The epoch: none was given.
Result<TimePoint> until_argument(const json& arguments, TimePoint now) {
  const std::string text = optional_text(arguments, "until");
  if (text.empty()) return TimePoint{};
  std::optional<TimePoint> until = moment_of(text);
  if (const auto length = config::parse_duration(text); !until && length) until = now + *length;
  if (until && *until > now) return *until;
  return make_error(ErrorKind::invalid, "argument.wrong-kind",
                    "`until` must be a time to come, as \"2h\" or \"2026-11-28T18:00Z\" (in UTC)");
}

/// The destination that is named; empty where all are meant.
Result<DestinationName> destination_argument(Site& site, const json& arguments, bool may_be_all) {
  if (may_be_all && flag_argument(arguments, "all")) return DestinationName{};
  VR_TRY(std::string text, text_argument(arguments, "destination"));
  DestinationName name{std::move(text)};
  if (site.config().find(name) != nullptr) return name;
  return make_error(ErrorKind::invalid, "destination.unknown",
                    "there is no destination of this name; `veilroute destination list` shows all");
}

void describe_pause(const std::optional<store::DestinationPause>& pause, bool all, TimePoint now,
                    json& out) {
  if (!pause || !pause->holds(now)) return;
  out["state"] = "paused";
  out["paused_by"] = pause->by;
  out["paused_since"] = to_text(pause->since);
  out["paused_all"] = all;
  if (pause->until != TimePoint{}) out["paused_until"] = to_text(pause->until);
  if (!pause->reason.reveal().empty()) out["reason"] = pause->reason.reveal();
}

Result<json> describe_state(Site& site, const DestinationName& name) {
  const TimePoint now = site.clock().now();
  store::DestinationBook& book = site.catalog().destinations();
  VR_TRY(const store::DestinationHold hold, book.hold_of(name));
  VR_TRY(const std::uint64_t backlog, book.count_open(name));
  json out = {{"destination", name.value}, {"state", "running"}, {"backlog", backlog}};
  const Breaker::Look seen = site.router().breakers.at(name).look(now);
  if (seen.state != Breaker::State::closed) {
    out["state"] = seen.state == Breaker::State::probing ? "probing" : "down";
    out["why"] = config::to_string(seen.why);
    out["next_try"] = to_text(seen.until);
  }
  if (hold.suspension) {
    out["state"] = "suspended";
    out["suspended_since"] = to_text(hold.suspension->since);
    out["why"] = hold.suspension->slug;
  }
  describe_pause(hold.pause_all, true, now, out);
  describe_pause(hold.pause, false, now, out);
  return out;
}

}  // namespace

Result<json> pause_destination(Site& site, Request& request, Caller& caller) {
  store::PauseOrder order;
  VR_TRY(order.destination, destination_argument(site, request.arguments, true));
  VR_TRY(order.until, until_argument(request.arguments, site.clock().now()));
  order.reason = optional_text(request.arguments, "reason");
  order.actor = caller.actor;
  VR_TRY(site.catalog().destinations().pause_destination(order));
  site.ring();
  json out = {{"destination", order.destination.value}, {"all", order.destination.value.empty()}};
  if (order.until != TimePoint{}) out["until"] = to_text(order.until);
  return out;
}

Result<json> resume_destination(Site& site, Request& request, Caller& caller) {
  VR_TRY(const DestinationName name, destination_argument(site, request.arguments, true));
  VR_TRY(site.catalog().destinations().resume_destination(name, caller.actor));
  site.ring();
  return json{{"destination", name.value}, {"all", name.value.empty()}};
}

Result<json> try_destination(Site& site, Request& request, Caller& caller) {
  VR_TRY(const DestinationName name, destination_argument(site, request.arguments, false));
  VR_TRY(router::try_destination_now(site.router(), name, caller.actor));
  site.ring();
  return json{{"destination", name.value}};
}

Result<json> list_destination_states(Site& site, Request&, Caller&) {
  json rows = json::array();
  for (const auto& destination : site.config().destinations) {
    VR_TRY(json row, describe_state(site, destination.name));
    rows.push_back(std::move(row));
  }
  return json{{"destinations", std::move(rows)}};
}

}  // namespace veilroute::app
