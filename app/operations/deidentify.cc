#include "app/operations/deidentify.h"

#include <algorithm>

#include "app/operations/copy_study.h"
#include "core/base/crypto.h"

namespace veilroute::app {
namespace {

/// Counts outcomes, writes them down, and passes them on. What could not be written down ends the
/// run at the next look.
class Outcomes {
 public:
  Outcomes(CopyRecords& records, const TellOutcome& tell) : records_(records), tell_(tell) {}

  void add(const FileOutcome& outcome) {
    switch (outcome.kind) {
      case FileOutcome::Kind::written:
        ++tally_.written;
        break;
      case FileOutcome::Kind::held:
        ++tally_.held;
        break;
      case FileOutcome::Kind::left_out:
        ++tally_.left_out;
        break;
    }
    auto added = records_.add(outcome);
    if (!added.ok() && !failure_) failure_ = std::move(added).error();
    tell_(outcome);
  }

  [[nodiscard]] Result<void> check() const {
    return failure_ ? Result<void>(*failure_) : Result<void>();
  }
  [[nodiscard]] const DeidentifyTally& tally() const { return tally_; }

 private:
  CopyRecords& records_;
  const TellOutcome& tell_;
  DeidentifyTally tally_;
  std::optional<Error> failure_;
};

Result<std::vector<store::PseudonymRow>> rows_of(const std::vector<SourceStudy>& studies,
                                                 const PseudonymsFor& pseudonyms) {
  std::vector<store::PseudonymSubject> subjects;
  for (const SourceStudy& study : studies) subjects.push_back(study.subject);
  if (subjects.empty()) return std::vector<store::PseudonymRow>();
  VR_TRY(auto rows, pseudonyms(subjects));
  const bool whole = std::all_of(rows.begin(), rows.end(), [](const store::PseudonymRow& row) {
    return row.secret.view().size() == crypto::kKeyBytes && !row.pseudonym.reveal().empty();
  });
  if (whole && rows.size() == subjects.size()) return rows;
  return make_error(ErrorKind::internal, "pseudonyms.unreadable-answer",
                    "there is not one whole pseudonym row for each study");
}

}  // namespace

Result<DeidentifyTally> deidentify_files(const DeidentifyWanted& wanted,
                                         const PseudonymsFor& pseudonyms,
                                         const DeidentifyWatch& watch) {
  const auto files = find_files(wanted.paths);
  if (files.empty()) {
    return make_error(ErrorKind::invalid, "deidentify.no-files",
                      "there are no files in the folders that were named");
  }
  VR_TRY(check_records_outside(wanted.out, {wanted.report, wanted.map}));
  VR_TRY(CopyFolder folder, CopyFolder::open(wanted.out, wanted.paths));
  VR_TRY(CopyRecords records, CopyRecords::open(wanted.report, wanted.map));
  Outcomes outcomes(records, watch.outcome);
  const TellOutcome tell = [&outcomes](const FileOutcome& outcome) { outcomes.add(outcome); };

  const auto studies = gather_studies(files, {wanted.default_issuer}, tell, watch.scanned);
  VR_TRY(outcomes.check());
  VR_TRY(const auto rows, rows_of(studies, pseudonyms));
  std::size_t total = 0;
  for (const SourceStudy& study : studies) total += study.objects.size();
  std::size_t done = 0;
  const std::function<void()> step = [&] { watch.copied(++done, total); };
  CopyRoom room{
      *wanted.profile, wanted.pixel_trust, wanted.keep_names, folder, records, tell, step};
  for (std::size_t i = 0; i < studies.size(); ++i) {
    VR_TRY(copy_study(studies[i], rows[i], room));
    VR_TRY(outcomes.check());
  }
  VR_TRY(records.finish());
  return outcomes.tally();
}

}  // namespace veilroute::app
