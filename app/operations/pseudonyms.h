// pseudonyms: the site's row for objects that are de-identified beside its catalog
// (`deidentify --site`), as it crosses the control socket.
#pragma once

#include "app/message.h"
#include "core/store/catalog.h"

namespace veilroute::app {

/// The arguments of the operation. Values cross as hexadecimal: they are bytes in whatever
/// character set the object has, and JSON would bend those that are not UTF-8.
json pseudonym_arguments(const store::PseudonymSubject& subject, const Scope& scope);

/// The answer as a row; `answer` is wiped. `internal`
/// ("pseudonyms.unreadable-answer") when a part is missing.
Result<store::PseudonymRow> read_pseudonyms(json& answer);

}  // namespace veilroute::app
