#include "app/operations/explain.h"

#include "app/object_file.h"
#include "app/operations/operation.h"
#include "router/explain.h"

namespace veilroute::app {
namespace {

json describe_route(const router::ExplainedRoute& route) {
  json out = {{"route", route.route.value},
              {"destination", route.destination.value},
              {"matches", route.matches},
              {"satisfied_by", route.satisfied_by},
              {"gate_open", route.gate.open},
              {"gate", route.gate.open ? route.gate.document : route.gate.slug},
              {"next", route.next}};
  if (!route.gate.open) {
    out["gate_sentence"] = route.gate.sentence;
    out["gate_remedy"] = route.gate.remedy;
  }
  out["comparisons"] = json::array();
  for (const auto& leaf : route.when) {
    out["comparisons"].push_back({{"comparison", leaf.comparison}, {"holds", leaf.holds}});
  }
  out["objects"] = json::array();
  for (const auto& choice : route.objects) {
    out["objects"].push_back({{"object", choice.object.value},
                              {"included", choice.included},
                              {"rule", choice.rule}});
  }
  out["transfers"] = json::array();
  for (const auto& transfer : route.transfers) {
    out["transfers"].push_back({{"transfer", transfer.transfer.value},
                                {"generation", transfer.generation},
                                {"state", transfer.state},
                                {"reason", transfer.reason}});
  }
  return out;
}

json describe_explanation(const router::Explanation& explanation) {
  json out = {{"study", explanation.study.value},
              {"generation", explanation.generation},
              {"state", explanation.state},
              {"reason", explanation.reason},
              {"objects_live", explanation.objects_live},
              {"objects_not_live", explanation.objects_not_live},
              {"routes_pinned", explanation.routes_pinned},
              {"sentences", router::in_sentences(explanation)}};
  out["routes"] = json::array();
  for (const auto& route : explanation.routes) out["routes"].push_back(describe_route(route));
  return out;
}

/// A file as it would stand in the catalog, had `source` sent it.
store::SpooledObject as_spooled(const ObjectFile& file, const config::Source* source,
                                const std::string& source_name, const config::Config& config,
                                std::size_t number, TimePoint now) {
  store::SpooledObject object;
  object.head.id = ObjectId{number};
  object.head.received_at = now;
  object.head.source = SourceName{source_name};
  object.head.called_ae = config.site.ae_title;
  if (source != nullptr) object.head.calling_ae = source->ae_title;
  object.head.transfer_syntax = file.head.transfer_syntax;
  object.head.sop_class = file.head.sop_class;
  object.head.sop_instance = file.head.sop_instance;
  object.facts.length_bytes = file.facts.length_bytes;
  object.facts.digest = file.digest;
  object.facts.study = Uid{std::string(file.value(dicom::tags::StudyInstanceUID))};
  object.facts.series = Uid{std::string(file.value(dicom::tags::SeriesInstanceUID))};
  object.facts.patient_id = Phi<std::string>(std::string(file.value(dicom::tags::PatientID)));
  object.facts.large = file.facts.large;
  object.facts.match_facts = file.facts.captured;
  return object;
}

}  // namespace

Result<json> explain(Site& site, Request& request, Caller&) {
  VR_TRY(const StudyKey key, chosen_study(site, request.arguments));
  VR_TRY(const auto explanation, router::explain_study(site.router(), key));
  return describe_explanation(explanation);
}

Result<json> explain_files(const Settings& settings,
                           const std::vector<std::filesystem::path>& files,
                           const std::string& source, TimePoint now) {
  const config::Source* known = nullptr;
  for (const auto& candidate : settings.config->sources) {
    if (candidate.name.value == source) known = &candidate;
  }
  if (known == nullptr && source != "submit") {
    return make_error(ErrorKind::invalid, "source.unknown",
                      "the configuration has no source of this name");
  }
  std::vector<ObjectFile> scanned;
  store::Study study;
  study.state = store::StudyState::complete;
  study.first_at = study.last_at = study.complete_at = now;
  for (const auto& path : files) {
    VR_TRY(auto file, scan_object_file(path, match_tags(*settings.config)));
    study.objects.push_back(
        as_spooled(file, known, source, *settings.config, scanned.size() + 1, now));
    scanned.push_back(std::move(file));
    if (study.objects.back().facts.study == study.objects.front().facts.study) continue;
    return make_error(ErrorKind::invalid, "explain.two-studies",
                      "these files are of more than one study; ask about one study at a time");
  }
  study.uid = study.objects.empty() ? Uid{} : study.objects.front().facts.study;
  const router::ReadHeader read =
      [&scanned](const store::SpooledObject& object) -> Result<dicom::Dataset> {
    const ObjectFile& file = scanned.at(object.head.id.value - 1);
    VR_TRY(const auto opened, reopen(file));
    return read_header(file, *opened);
  };
  const std::vector<store::Transfer> none;
  VR_TRY(const auto explanation, router::explain(router::DraftInputs{
                                     study, none, *settings.config, *settings.library, read, now}));
  return describe_explanation(explanation);
}

}  // namespace veilroute::app
