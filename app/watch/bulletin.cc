#include "app/watch/bulletin.h"

#include "app/advice.h"

namespace veilroute::app {
namespace {

std::string what_of(const Condition& condition) {
  const Advice* advice = find_advice(condition.slug);
  return advice == nullptr ? condition.slug : std::string(advice->what);
}

void write_part(std::string& text, const char* heading, const std::vector<Condition>& conditions,
                bool with_advice) {
  if (conditions.empty()) return;
  text += std::string(heading) + "\n";
  for (const Condition& each : conditions) {
    text += "  " + std::string(to_string(each.severity)) + ": " + each.subject + ": " +
            what_of(each) + "\n";
    if (!each.detail.empty()) text += "    " + each.detail + "\n";
    const Advice* advice = with_advice ? find_advice(each.slug) : nullptr;
    if (advice == nullptr) continue;
    text += "    The node: " + std::string(advice->next) + "\n";
    text += "    You can: " + std::string(advice->action) + "\n";
  }
  text += "\n";
}

json rows_of(const std::vector<Condition>& conditions) {
  json rows = json::array();
  for (const Condition& each : conditions) {
    rows.push_back({{"severity", std::string(to_string(each.severity))},
                    {"condition", each.slug},
                    {"subject", each.subject},
                    {"detail", each.detail},
                    {"what", what_of(each)}});
  }
  return rows;
}

}  // namespace

std::string subject_of(const Bulletin& bulletin, const std::string& site) {
  const std::string begin = "[veilroute " + site + "] ";
  const auto& parts = !bulletin.raised.empty()     ? bulletin.raised
                      : !bulletin.standing.empty() ? bulletin.standing
                                                   : bulletin.cleared;
  if (parts.empty()) return begin + "nothing to tell";
  const Condition& first = parts.front();
  const bool over = bulletin.raised.empty() && bulletin.standing.empty();
  std::string text =
      begin + (over ? "over" : std::string(to_string(first.severity))) + ": " + what_of(first);
  const std::size_t more = bulletin.raised.size() + bulletin.standing.size() - (over ? 0 : 1);
  if (more > 0 && !over) text += " (and " + std::to_string(more) + " more)";
  return text;
}

std::string text_of(const Bulletin& bulletin, const std::string& site, TimePoint at) {
  std::string text = "Site " + site + ", " + to_text(at) + "\n\n";
  write_part(text, "New", bulletin.raised, true);
  write_part(text, "Still so", bulletin.standing, false);
  write_part(text, "Over", bulletin.cleared, false);
  return text + "`veilroute doctor` on the node says more.\n";
}

json json_of(const Bulletin& bulletin, const std::string& site, TimePoint at) {
  return {{"site", site},
          {"at", to_text(at)},
          {"raised", rows_of(bulletin.raised)},
          {"standing", rows_of(bulletin.standing)},
          {"cleared", rows_of(bulletin.cleared)}};
}

}  // namespace veilroute::app
