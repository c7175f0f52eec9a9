// veilroute doctor: what needs a person, now or soon.
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kDoctorLesson =
    R"(Looks at the site as a whole: room on its disks, certificates and approvals that end, transfers and
studies that wait for a person, destinations that are away. Says what each means and what you can do.
Changes nothing. The configuration itself is looked at by `check`, one destination by `echo`.
  critical   nothing goes on there
  warning    something waits for a person
  notice     will matter in weeks

Examples:
  veilroute doctor
  veilroute doctor --json

Exit codes: 0 nothing but notices   2 wrong use   3 there are warnings   4 something is critical)";

int code_of(const json& conditions) {
  int code = kDone;
  for (const json& row : conditions) {
    const std::string severity = row.value("severity", std::string());
    if (severity == "critical") return exit_code(ErrorKind::unavailable);
    if (severity == "warning") code = exit_code(ErrorKind::refused);
  }
  return code;
}

int run_doctor(const Common& common) {
  auto answer = ask_site(common.site, "doctor", json::object());
  if (!answer.ok()) return report(answer.error());
  const json conditions = answer.value().value("conditions", json::array());
  if (common.json) {
    print_json(answer.value());
    return code_of(conditions);
  }
  if (conditions.empty()) print_line("Nothing needs you.");
  for (const json& row : conditions) {
    print_line(cell(row, "severity") + ": " + cell(row, "subject") + ": " + cell(row, "what"));
    if (!row.value("detail", std::string()).empty()) print_line("  " + cell(row, "detail"));
    print_line("  Next:    " + cell(row, "next"));
    print_line("  You can: " + cell(row, "action") + " [" + cell(row, "slug") + "]");
  }
  return code_of(conditions);
}

}  // namespace

void add_doctor(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "doctor", "what needs a person?", kDoctorLesson, true);
  verb->callback([&common, &chosen] { chosen.run = [&common] { return run_doctor(common); }; });
}

}  // namespace veilroute::app::cli
