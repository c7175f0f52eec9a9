#include "app/advice.h"

#include <algorithm>

namespace veilroute::app {
namespace {

std::string five_parts(const Advice& advice, const Occasion& occasion) {
  std::string out(advice.what);
  if (!occasion.subject.empty()) out += "\n  Concerns:   " + occasion.subject;
  out += "\n  Whose side: " + std::string(advice.whose);
  out += "\n  Next:       " + std::string(advice.next);
  if (!occasion.due.empty()) out += " Next try: " + occasion.due + ".";
  out += "\n  You can:    " + std::string(advice.action);
  return out;
}

}  // namespace

const Advice* find_advice(std::string_view slug) {
  const auto& all = all_advice();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [slug](const Advice& advice) { return advice.slug == slug; });
  return found == all.end() ? nullptr : &*found;
}

std::string sentences(const Error& error, const Occasion& occasion) {
  const Advice* advice = find_advice(error.slug);
  if (advice == nullptr) return error.text();
  return five_parts(*advice, occasion) + "\n  Detail:     " + error.text();
}

std::string sentences(std::string_view slug, const Occasion& occasion) {
  const Advice* advice = find_advice(slug);
  return advice == nullptr ? std::string(slug) : five_parts(*advice, occasion);
}

}  // namespace veilroute::app
