// copy_study: de-identified copies of one study's objects, by the engine that the router uses:
// terms of all objects first, then each object copied, verified, cleared, and given its name.
#pragma once

#include <memory>
#include <string>

#include "app/operations/copy_folder.h"
#include "app/operations/copy_records.h"
#include "app/operations/source_studies.h"
#include "profiles/profile.h"

namespace veilroute::app {

/// What all studies of a run share.
struct CopyRoom {
  const profiles::Profile& profile;
  std::string pixel_trust;  ///< document; empty: suspicious pixels hold an object
  bool keep_names = false;  ///< relative paths instead of the new UIDs
  CopyFolder& folder;
  CopyRecords& records;
  const TellOutcome& tell;
  const std::function<void()>& step;  ///< after each object
};

/// An error is about the run (no room, a folder that takes no files), never about an object: an
/// object that did not come out clean is told as held, and not written.
Result<void> copy_study(const SourceStudy& study, const store::PseudonymRow& row, CopyRoom& room);

}  // namespace veilroute::app
