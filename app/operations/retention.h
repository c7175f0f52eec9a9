// How long the objects of a study are kept, as the operator reads it.
#pragma once

#include "app/message.h"
#include "core/store/catalog.h"

namespace veilroute::app {

struct Judged {
  store::RetentionPolicy policy;
  TimePoint now;
};

/// One row for each fate: how many objects, kept or shredded, why (slug), until when or when.
json describe_retention(const store::StudyView& view, const Judged& judged);

}  // namespace veilroute::app
