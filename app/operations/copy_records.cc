#include "app/operations/copy_records.h"

namespace veilroute::app {
namespace {

Result<std::unique_ptr<File>> create(const std::filesystem::path& path) {
  if (path.empty()) return std::unique_ptr<File>();
  return real_files()->create(path);
}

std::string in_csv(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

json describe(const FileOutcome& outcome) {
  json out = {{"source", outcome.source.string()}};
  if (outcome.kind == FileOutcome::Kind::written) {
    out["output"] = outcome.output.string();
    return out;
  }
  const char* word = outcome.kind == FileOutcome::Kind::held ? "held" : "left_out";
  out[word] = outcome.findings.empty() ? std::string() : outcome.findings.front().rule;
  out["findings"] = json::array();
  for (const auto& finding : outcome.findings) {
    out["findings"].push_back(
        {{"at", finding.path}, {"rule", finding.rule}, {"advice", finding.advice}});
  }
  return out;
}

Result<CopyRecords> CopyRecords::open(const std::filesystem::path& report,
                                      const std::filesystem::path& map) {
  CopyRecords records;
  VR_TRY(records.report_, create(report));
  VR_TRY(records.map_, create(map));
  if (records.map_ != nullptr) VR_TRY(records.map_->append(as_bytes("id_old,id_new\n")));
  return records;
}

Result<void> CopyRecords::add(const FileOutcome& outcome) {
  if (report_ == nullptr) return {};
  // Names of files are bytes; those that are not UTF-8 are written as U+FFFD.
  const std::string line =
      describe(outcome).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return report_->append(as_bytes(line));
}

Result<void> CopyRecords::add(const MappedId& id) {
  if (map_ == nullptr) return {};
  const std::string row = in_csv(id.original.reveal()) + "," + in_csv(id.replacement) + "\n";
  if (!rows_.insert(row).second) return {};
  return map_->append(as_bytes(row));
}

Result<void> CopyRecords::finish() {
  if (report_ != nullptr) VR_TRY(report_->sync());
  if (map_ != nullptr) VR_TRY(map_->sync());
  return {};
}

}  // namespace veilroute::app
