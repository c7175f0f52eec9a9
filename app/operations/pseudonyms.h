// pseudonyms: the site's row for objects that are de-identified beside its catalog
// (`deidentify --site`), as it crosses the control socket.
#pragma once

#include <string>

#include "app/message.h"
#include "core/store/catalog.h"

namespace veilroute::app {

/// Whose row is wanted, and for whom.
struct PseudonymsWanted {
  store::PseudonymSubject subject;
  std::string source;  ///< whose default issuer stands in for an absent one; may be empty
  Scope scope;
};

/// The arguments of the operation. Values cross as hexadecimal: they are bytes in whatever character
/// set the object has, and JSON would bend those that are not UTF-8.
json pseudonym_arguments(const PseudonymsWanted& wanted);

/// The answer as a row; `answer` is wiped. `internal`
/// ("pseudonyms.unreadable-answer") when a part is missing.
Result<store::PseudonymRow> read_pseudonyms(json& answer);

}  // namespace veilroute::app
