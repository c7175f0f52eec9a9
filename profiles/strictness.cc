// Which rules break safe harbor (45 CFR 164.514(b)(2) and (c)).
#include "profiles/strictness.h"

#include "profiles/decide.h"

namespace veilroute::profiles {

std::string breach_of(const Rule& rule) {
  const Selector& selector = rule.selector;
  const bool of_one_attribute =
      selector.kind == Selector::Kind::attribute || selector.kind == Selector::Kind::path;
  switch (rule.action) {
    case Action::keep:
      if (!of_one_attribute) {
        return "keeps whatever stands in " + to_text(selector) +
               ", whatever the standard's tables say of it";
      }
      if (default_action(selector.tag) == Action::keep) return {};
      return "keeps " + dicom::to_text(selector.tag) + ", which the standard's tables change";
    case Action::shift:
      return "leaves day and month of dates, if shifted (" + to_text(selector) + ")";
    case Action::hash:
      return "leaves a number that is derived from the person's data, which 45 CFR 164.514(c) does "
             "not allow (" +
             to_text(selector) + ")";
    case Action::remove:
    case Action::empty:
    case Action::dummy:
    case Action::uid:
    case Action::pseudonym:
    case Action::accession:
    case Action::replace:
    case Action::year:
    case Action::age:
    case Action::clean:
      return {};
  }
  return {};
}

}  // namespace veilroute::profiles
