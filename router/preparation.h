// The work of prepare.cc on one transfer: terms, copies, manifest. Walk steps 6 and 7.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>

#include "profiles/deidentify.h"
#include "profiles/verify.h"
#include "router/findings.h"
#include "router/room.h"
#include "router/source_objects.h"

namespace veilroute::router {

/// One transfer being prepared. Each step is called once, in this order; an error from any of them
/// is about the node, not about an object: objects' troubles become findings. One thread.
class Preparation {
 public:
  /// All of these outlive it. `patient`: an object that cannot be read for what may be a passing
  /// reason is an error, to be tried again; else it is a finding, "object.unreadable".
  Preparation(RouterRoom& room, const store::Transfer& transfer, const store::Study& study,
              const profiles::Profile& profile, bool patient)
      : room_(room),
        transfer_(transfer),
        study_(study),
        profile_(profile),
        patient_(patient),
        sources_(room.spool) {}

  /// Which of the planned objects are still there to be sent.
  void choose();
  /// In its place: one object that is in quarantine, to be looked at again.
  void choose_quarantined(ObjectId object);
  /// Pass 1: what of the sources may not be found in any copy: of all live objects of the study,
  /// also those that this transfer leaves out or that went before.
  Result<void> collect_terms(const std::stop_token& stop);
  /// Pass 2: copies, checked one by one, into the outbox. Once there is a finding nothing more is
  /// written, but the other objects are still looked at: a person wants to see all findings at
  /// once.
  Result<void> make_copies(const std::stop_token& stop);
  /// In its place: de-identifies and verifies what was chosen, and writes nothing. The findings are
  /// those of this look alone. May be called again.
  Result<void> look_again(profiles::HarmlessValue harmless);
  /// Commits the outbox and asks for the clearance. Only without findings.
  Result<Clearance> finish();

  [[nodiscard]] Findings& findings() { return findings_; }
  [[nodiscard]] const profiles::IdentityTerms& terms() const { return terms_; }
  [[nodiscard]] bool has_objects() const { return !chosen_.empty(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// What goes with Catalog::queue_transfer, after finish().
  [[nodiscard]] const store::PreparedTransfer& prepared() const { return prepared_; }

 private:
  Result<void> note_unreadable(ObjectId object, const Error& error);
  Result<void> collect_terms_of_others(const std::stop_token& stop);
  Result<void> begin_verification(profiles::HarmlessValue harmless);
  bool is_accepted(std::string_view path, std::string_view value);
  Result<void> make_copy(const store::SpooledObject& object);
  Result<void> add_copy(const store::SpooledObject& object, const dicom::Dataset& dataset);
  OpenSource opening(const store::SpooledObject& object);
  void remember(const profiles::DeidReport& report);

  RouterRoom& room_;
  const store::Transfer& transfer_;
  const store::Study& study_;
  const profiles::Profile& profile_;
  bool patient_;
  SourceObjects sources_;
  std::vector<const store::SpooledObject*> chosen_;
  Findings findings_;
  profiles::IdentityTerms terms_;
  store::PseudonymRow row_;
  profiles::Pseudonyms pseudonyms_;
  std::unique_ptr<profiles::Verifier> verifier_;
  std::unique_ptr<store::OutboxWriter> writer_;  ///< null while we only look
  std::optional<store::AcceptedValues> accepted_;
  std::set<store::AcceptanceId> accepted_under_;
  std::map<std::string, store::MappedUid> uids_;  ///< by original
  store::PreparedTransfer prepared_;
  std::uint64_t bytes_ = 0;
};

/// The slug of an error that means "we were asked to stop".
inline constexpr std::string_view kStopped = "prepare.stopped";

}  // namespace veilroute::router
