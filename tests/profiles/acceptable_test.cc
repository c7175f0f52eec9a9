// What a person may call harmless, and what nobody may.
#include "profiles/acceptable.h"

#include <gtest/gtest.h>

#include "tests/profiles/objects.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

TEST(Acceptable, IsOneWordInATextAndNothingElse) {
  Dataset object = xray();
  object.put_text(dicom::tags::PatientName, vr::PN, "PALMAR^HANDANNA^CHEST");
  object.put_text(dicom::tags::PatientID, vr::LO, "AB");
  object.put_text({0x0008, 0x0080}, vr::LO, "SNORKELBURY INFIRMARY");
  IdentityTerms terms;
  terms.collect(object);
  struct Case {
    const char* path;
    const char* value;
    const char* slug;
  };
  const Case kCases[] = {
      {"(0018,0015)", "PALMAR", "accepted"},
      {"(0008,103E)", "HAND PALMAR", "accepted"},
      {"(0018,1250)", "SNORKELBURY COIL", "accepted"},
      {"(0018,A001).(0008,0070)", "CHEST", "accepted"},
      {"(0008,103E)", "PALMAR HANDANNA", "accept.whole-name"},
      {"(0008,103E)", "PALMARHANDANNA", "accept.whole-name"},
      {"(0008,103E)", "PALMAR 4711", "accept.identifier"},
      {"(0008,103E)", "AB", "accept.identifier"},
      {"(0008,103E)", "OBLIQUE", "accept.unexplained"},
      {"(0010,0010)", "PALMAR", "accept.not-a-text"},
      {"(0010,0020)", "PALMAR", "accept.not-a-text"},
      {"(0018,0060)", "120", "accept.not-a-text"},
      {"(0011,1010)", "PALMAR", "accept.not-a-text"},
      {"nonsense", "PALMAR", "accept.not-a-text"},
  };
  for (const Case& each : kCases) {
    SCOPED_TRACE(std::string(each.path) + " " + each.value);
    const auto answer = check_acceptable(each.path, each.value, terms);
    EXPECT_EQ(answer.ok() ? "accepted" : answer.error().slug, each.slug);
    if (!answer.ok()) {
      EXPECT_EQ(answer.error().text().find("PALMAR"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace veilroute::profiles
