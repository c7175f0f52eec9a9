#include "app/operations/verify.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "app/operations/pair_copies.h"
#include "profiles/verify_output.h"

namespace veilroute::app {
namespace {


constexpr std::string_view kReadIt =
    "What it holds is not known, so nothing can be said of it. See whether it is a whole DICOM "
    "file.";

VerifyOutcome cannot_be_read(const char* rule, const Error& error) {
  VerifyOutcome outcome;
  outcome.findings.push_back({{}, rule, std::string(kReadIt) + " (" + error.text() + ")"});
  return outcome;
}

/// All bytes but those of large values, and how they lie between them.
Result<profiles::OutputCopy> output_copy(const ReadFile& copy) {
  VR_TRY(const auto file, reopen(copy.object));
  profiles::OutputCopy out;
  out.name = copy.file.relative.string();
  out.large = copy.object.facts.large;
  out.record.object = ObjectId{1};
  out.record.sop_class = copy.object.head.sop_class;
  out.record.sop_instance = copy.object.head.sop_instance;
  out.record.transfer_syntax = copy.object.head.transfer_syntax;
  out.head.resize(static_cast<std::size_t>(copy.object.head.dataset_offset));
  VR_TRY(file->read_at(0, out.head));
  TailSource dataset(*file, copy.object.head.dataset_offset);
  std::uint64_t at = 0;
  const auto take_own = [&](std::uint64_t end) -> Result<void> {
    if (end <= at) return {};
    const std::size_t before = out.own.size();
    out.own.resize(before + static_cast<std::size_t>(end - at));
    out.record.pieces.push_back({true, before, end - at});
    return dataset.read_at(at, std::span(out.own).subspan(before));
  };
  for (const dicom::LargeValue& large : out.large) {
    VR_TRY(take_own(large.begin));
    out.record.pieces.push_back({false, large.begin, large.end - large.begin});
    at = large.end;
  }
  VR_TRY(take_own(dataset.size_bytes()));
  return out;
}

class Verification {
 public:
  Verification(const VerifyWanted& wanted, const PseudonymsFor& pseudonyms,
               const VerifyWatch& watch)
      : wanted_(wanted), pseudonyms_(pseudonyms), watch_(watch) {}

  Result<VerifyTally> run() {
    const auto source_files = find_files({wanted_.source});
    const auto copy_files = find_files({wanted_.output});
    total_ = source_files.size() + copy_files.size();
    if (source_files.empty() || copy_files.empty()) {
      return make_error(ErrorKind::invalid, "verify.no-files",
                        "there are no files in one of the two folders");
    }
    sources_ = read_all(source_files, "verify.source-unreadable");
    copies_ = read_all(copy_files, "verify.unreadable");
    if (sources_.empty()) {
      return make_error(ErrorKind::invalid, "verify.no-source",
                        "no source can be read, so there is nothing to hold the copies against");
    }
    VR_TRY(pairs_, pair_copies(sources_, copies_, wanted_.map));
    tally_.paired_by = pairs_.by;
    VR_TRY(check_rows_fit());
    std::set<std::size_t> with_copy;
    for (const auto& source : pairs_.source_of) {
      if (source) with_copy.insert(*source);
    }
    tally_.without_copy = sources_.size() - with_copy.size();
    VR_TRY(verify_all());
    return tally_;
  }

 private:
  void tell(const VerifyOutcome& outcome) {
    if (!outcome.findings.empty()) ++tally_.found;
    watch_.outcome(outcome);
  }

  std::vector<ReadFile> read_all(const std::vector<FoundFile>& files, const char* rule) {
    const bool of_copies = std::string_view(rule) == "verify.unreadable";
    std::vector<ReadFile> all;
    for (const FoundFile& file : files) {
      auto scanned =
          file.failure ? Result<ObjectFile>(*file.failure) : scan_object_file(file.path, {});
      watch_.read(++read_, total_);
      if (scanned.ok()) {
        all.push_back({file, std::move(scanned).value()});
        continue;
      }
      // A directory lists names and UIDs: among copies it is a finding, among sources no object.
      if (!of_copies && scanned.error().slug == "file.media-directory" && !file.named) continue;
      VerifyOutcome outcome = cannot_be_read(rule, scanned.error());
      (of_copies ? outcome.output : outcome.source) = file.path;
      tell(outcome);
    }
    return all;
  }

  Result<void> check_rows_fit() const {
    if (!pseudonyms_ || pairs_.certain()) return {};
    return make_error(ErrorKind::invalid, "verify.cannot-pair",
                      "whose row a copy was made with is only known when it is known whose copy it "
                      "is: say by --map which object became which");
  }

  static std::string study_of(const ReadFile& each) {
    return std::string(each.object.value(dicom::tags::StudyInstanceUID));
  }

  /// Copies by study of their sources, so that one study's words are in memory at a time; under no
  /// name those that are held against the words of all.
  Result<void> verify_all() {
    std::map<std::string, std::vector<std::size_t>> by_study;
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      const auto source = pairs_.certain() ? pairs_.source_of[i] : std::nullopt;
      by_study[source ? study_of(sources_[*source]) : std::string()].push_back(i);
    }
    for (const auto& [study, copies] : by_study) VR_TRY(verify_study(study, copies));
    return {};
  }

  Result<void> verify_study(const std::string& study, const std::vector<std::size_t>& copies) {
    profiles::IdentityTerms terms;
    store::PseudonymSubject subject;
    subject.study = Uid{study};
    for (const ReadFile& each : sources_) {
      if (!study.empty() && study_of(each) != study) continue;
      collect(each, terms);
      if (subject.patient_id.reveal().empty()) name_patient(each.object, subject);
    }
    profiles::MadeWith made{wanted_.profile, std::nullopt};
    store::PseudonymRow row;
    if (pseudonyms_ && !study.empty()) {
      VR_TRY(auto rows, pseudonyms_({subject}));
      row = std::move(rows.at(0));
      made.pseudonyms = profiles::Pseudonyms{row.pseudonym, row.accession, row.date_offset_days,
                                             row.secret.view()};
    }
    const profiles::OutputVerifier verifier(terms, std::move(made));
    for (const std::size_t i : copies) verify_copy(i, verifier);
    return {};
  }

  void collect(const ReadFile& source, profiles::IdentityTerms& terms) {
    const auto read = [&source]() -> Result<dicom::Dataset> {
      VR_TRY(const auto file, reopen(source.object));
      return read_header(source.object, *file);
    }();
    if (read.ok()) return terms.collect(*read);
    VerifyOutcome outcome = cannot_be_read("verify.source-unreadable", read.error());
    outcome.source = source.file.path;
    tell(outcome);
  }

  void name_patient(const ObjectFile& object, store::PseudonymSubject& subject) const {
    const std::string issuer(object.value(dicom::tags::IssuerOfPatientID));
    subject.patient_id = Phi<std::string>(std::string(object.value(dicom::tags::PatientID)));
    subject.issuer = Phi<std::string>(issuer.empty() ? wanted_.default_issuer : issuer);
  }

  void verify_copy(std::size_t i, const profiles::OutputVerifier& verifier) {
    VerifyOutcome outcome;
    outcome.output = copies_[i].file.path;
    std::optional<profiles::SourceOfCopy> source;
    if (const auto paired = pairs_.source_of[i]) {
      const ReadFile& of = sources_[*paired];
      outcome.source = of.file.path;
      if (pairs_.certain()) source = {of.object.head.sop_class, of.object.head.sop_instance};
    } else {
      outcome.findings.push_back(
          {{},
           "verify.no-source",
           "It is not known from which source this was made; it was held against the words of all "
           "sources. Say by --map which object became which."});
    }
    const Result<profiles::OutputCopy> copy = output_copy(copies_[i]);
    if (copy.ok()) {
      for (const profiles::Problem& each : verifier.check(*copy, source)) {
        outcome.findings.push_back({each.path, each.rule, each.advice});
      }
    } else {
      for (auto& each : cannot_be_read("verify.unreadable", copy.error()).findings) {
        outcome.findings.push_back(std::move(each));
      }
    }
    ++tally_.verified;
    tell(outcome);
    watch_.verified(tally_.verified, copies_.size());
  }

  const VerifyWanted& wanted_;
  const PseudonymsFor& pseudonyms_;
  const VerifyWatch& watch_;
  std::size_t total_ = 0;
  std::size_t read_ = 0;
  std::vector<ReadFile> sources_;
  std::vector<ReadFile> copies_;
  Pairs pairs_;
  VerifyTally tally_;
};

}  // namespace

json describe(const VerifyOutcome& outcome) {
  json out = json::object();
  if (!outcome.source.empty()) out["source"] = outcome.source.string();
  if (!outcome.output.empty()) out["output"] = outcome.output.string();
  out["findings"] = json::array();
  for (const store::Finding& each : outcome.findings) {
    out["findings"].push_back({{"at", each.path}, {"rule", each.rule}, {"advice", each.advice}});
  }
  return out;
}

Result<VerifyTally> verify_files(const VerifyWanted& wanted, const PseudonymsFor& pseudonyms,
                                 const VerifyWatch& watch) {
  return Verification(wanted, pseudonyms, watch).run();
}

}  // namespace veilroute::app
