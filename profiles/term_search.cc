// The search automaton of verify.cc.
#include "profiles/term_search.h"

#include <deque>

namespace veilroute::profiles {

TermSearch::TermSearch(const std::vector<std::string>& terms) : states_(1) {
  for (std::size_t i = 0; i < terms.size(); ++i) add(terms[i], i);
  link();
}

std::int32_t TermSearch::step(std::int32_t state, std::uint8_t byte) const {
  if (state == 0) return first_[byte];
  for (const auto& [on, to] : states_[at(state)].steps) {
    if (on == byte) return to;
  }
  return 0;
}

void TermSearch::add(const std::string& term, std::size_t index) {
  lengths_.push_back(term.size());
  same_as_.push_back(kNone);
  if (term.empty()) return;
  std::int32_t state = 0;
  for (const char c : term) {
    const std::uint8_t byte = folded(static_cast<std::uint8_t>(c));
    std::int32_t next = step(state, byte);
    if (next == 0) {
      next = static_cast<std::int32_t>(states_.size());
      states_.emplace_back();
      if (state == 0) {
        first_[byte] = next;
      } else {
        states_[at(state)].steps.emplace_back(byte, next);
      }
    }
    state = next;
  }
  same_as_[index] = states_[at(state)].term;
  states_[at(state)].term = static_cast<std::int32_t>(index);
}

void TermSearch::link() {
  std::deque<std::int32_t> queue;
  for (const std::int32_t state : first_) {
    if (state != 0) queue.push_back(state);
  }
  while (!queue.empty()) {
    const std::int32_t state = queue.front();
    queue.pop_front();
    const std::int32_t fallback = states_[at(state)].fallback;
    states_[at(state)].next_match =
        states_[at(fallback)].term != kNone ? fallback : states_[at(fallback)].next_match;
    for (const auto& [byte, to] : states_[at(state)].steps) {
      std::int32_t back = fallback;
      while (back != 0 && step(back, byte) == 0) back = states_[at(back)].fallback;
      states_[at(to)].fallback = step(back, byte);
      queue.push_back(to);
    }
  }
}

}  // namespace veilroute::profiles
