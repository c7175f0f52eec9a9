#include "app/operations/source_studies.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "core/store/study.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kTwoVersions = "object.two-versions";

FileOutcome left_out(const FoundFile& file, std::string rule, std::string advice) {
  FileOutcome outcome = held(file, std::move(rule), std::move(advice));
  outcome.kind = FileOutcome::Kind::left_out;
  return outcome;
}

/// (issuer, Patient ID) of an object; nothing where it has no Patient ID.
using Patient = std::pair<std::string, std::string>;

class Gathering {
 public:
  Gathering(const GatherSettings& settings, const TellOutcome& tell)
      : settings_(settings), tell_(tell) {}

  void add(const FoundFile& file) {
    if (file.failure) return tell_(held(file, *file.failure));
    auto scanned = scan_object_file(file.path, {});
    if (!scanned.ok()) return tell_unusable(file, scanned.error());
    const std::string uid(scanned->value(dicom::tags::StudyInstanceUID));
    const auto [place, is_new] = places_.try_emplace(uid, studies_.size());
    if (is_new) studies_.emplace_back().subject.study = Uid{uid};
    studies_[place->second].objects.push_back({file, std::move(scanned).value()});
  }

  std::vector<SourceStudy> finish() {
    note_instances();
    for (SourceStudy& study : studies_) {
      if (const std::string reason = contradiction_in(study); !reason.empty()) {
        hold_all(study, reason);
      } else {
        leave_out_copies(study);
        hold_versions(study);
      }
    }
    std::erase_if(studies_, [](const SourceStudy& study) { return study.objects.empty(); });
    return std::move(studies_);
  }

 private:
  void tell_unusable(const FoundFile& file, const Error& error) const {
    if (error.slug == "file.media-directory" && !file.named) {
      return tell_(left_out(file, error.slug, error.detail));
    }
    tell_(held(file, error));
  }

  static std::string instance_of(const SourceObject& each) {
    return each.object.head.sop_instance.value;
  }

  Patient patient_of(const ObjectFile& object) const {
    const std::string issuer(object.value(dicom::tags::IssuerOfPatientID));
    return {issuer.empty() ? settings_.default_issuer : issuer,
            std::string(object.value(dicom::tags::PatientID))};
  }

  void note_instances() {
    for (const SourceStudy& study : studies_) {
      for (const SourceObject& each : study.objects) {
        studies_of_[instance_of(each)].insert(study.subject.study.value);
      }
    }
  }

  /// Fills in whose study it is; a slug when its objects do not agree.
  std::string contradiction_in(SourceStudy& study) const {
    std::unordered_map<std::string, std::string> classes;
    for (const SourceObject& each : study.objects) {
      if (studies_of_.at(instance_of(each)).size() > 1) return std::string(store::kHoldTwoStudies);
      const std::string& sop_class = each.object.head.sop_class.value;
      if (classes.try_emplace(instance_of(each), sop_class).first->second != sop_class) {
        return std::string(store::kHoldTwoClasses);
      }
      const Patient patient = patient_of(each.object);
      if (patient.second.empty()) continue;
      if (study.subject.patient_id.reveal().empty()) {
        study.subject.issuer = Phi<std::string>(patient.first);
        study.subject.patient_id = Phi<std::string>(patient.second);
      } else if (patient !=
                 Patient{study.subject.issuer.reveal(), study.subject.patient_id.reveal()}) {
        return std::string(store::kHoldTwoPatients);
      }
    }
    return {};
  }

  void hold_all(SourceStudy& study, const std::string& reason) const {
    for (const SourceObject& each : study.objects) {
      tell_(held(each.file, reason,
                 "Objects of this study contradict one another, and nobody can know which of them "
                 "is right. Have the source correct them, or give each study a run of its own."));
    }
    study.objects.clear();
  }

  void leave_out_copies(SourceStudy& study) const {
    std::set<std::pair<std::string, Digest>> seen;
    std::erase_if(study.objects, [&](const SourceObject& each) {
      if (seen.emplace(instance_of(each), each.object.digest).second) return false;
      tell_(left_out(each.file, "object.same-bytes", "another file holds the same object"));
      return true;
    });
  }

  void hold_versions(SourceStudy& study) const {
    std::unordered_map<std::string, std::size_t> count;
    for (const SourceObject& each : study.objects) ++count[instance_of(each)];
    std::erase_if(study.objects, [&](const SourceObject& each) {
      if (count[instance_of(each)] == 1) return false;
      tell_(held(each.file, std::string(kTwoVersions),
                 "Two files hold this object with different content. Name only the one that is to "
                 "be copied."));
      return true;
    });
  }

  const GatherSettings& settings_;
  const TellOutcome& tell_;
  std::vector<SourceStudy> studies_;
  std::unordered_map<std::string, std::size_t> places_;                ///< by Study Instance UID
  std::unordered_map<std::string, std::set<std::string>> studies_of_;  ///< by SOP Instance UID
};

}  // namespace

std::vector<SourceStudy> gather_studies(const std::vector<FoundFile>& files,
                                        const GatherSettings& settings, const TellOutcome& tell,
                                        const TellProgress& progress) {
  Gathering gathering(settings, tell);
  for (std::size_t i = 0; i < files.size(); ++i) {
    gathering.add(files[i]);
    progress(i + 1, files.size());
  }
  return gathering.finish();
}

FileOutcome held(const FoundFile& file, std::string rule, std::string advice) {
  FileOutcome outcome;
  outcome.source = file.path;
  outcome.findings.push_back({{}, std::move(rule), std::move(advice)});
  return outcome;
}

FileOutcome held(const FoundFile& file, const Error& error) {
  return held(file, error.slug, error.detail);
}

}  // namespace veilroute::app
