// What identifies, in places that are no attribute of PS3.6, and in every character set of
// PS3.5 6.1: it does not leave.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "tests/profiles/allowances.h"
#include "tests/profiles/planter.h"
#include "tests/profiles/preparation.h"

namespace veilroute::profiles::proof {
namespace {

using namespace testing;

constexpr std::string_view kLayoutsOfPlaces[] = {dicom::kExplicitLittleEndian,
                                                 dicom::kImplicitLittleEndian,
                                                 dicom::kExplicitBigEndian, dicom::kDeflated};

bool holds_any_value(const Prepared& prepared, const std::vector<std::string>& needles) {
  if (holds_any(prepared.bytes, needles)) return true;
  return prepared.copy && !paths_holding(*prepared.copy, needles).empty();
}

/// Places at which an object may be held rather than cleaned; all others must be cleaned.
bool may_hold(std::string_view place, std::string_view layout) {
  // The words of a place may be a code's meaning; the search finds them, and the object is held.
  if (place == "content item" || place == "published code") return true;
  // Its items would have to be turned: the engine leaves them, and the verifier holds the object.
  return place == "sequence as UN" && layout == dicom::kExplicitBigEndian;
}

TEST(PlacesProof, NothingLeavesFromOddPlaces) {
  const bool all = std::getenv("VEILROUTE_PROOF_ALL") != nullptr;
  std::size_t turn = 0;  // each place in one layout, another one for each fact
  for (const Judged& judged : judged_profiles()) {
    std::map<std::string, std::size_t> held;
    for (const Fact& fact : facts()) {
      // What an option lets stay at its home is not searched for elsewhere.
      if (fact.shaped != Shaped::text || judged.allowance.keeps(fact.home)) continue;
      for (const OddPlace& place : odd_places()) {
        ++turn;
        for (std::size_t i = 0; i < std::size(kLayoutsOfPlaces); ++i) {
          if (!all && i != turn % std::size(kLayoutsOfPlaces)) continue;
          const std::string_view layout = kLayoutsOfPlaces[i];
          Dataset object = person(layout);
          place.plant(object, std::string(fact.text));
          const Prepared prepared = prepare(object, {judged.profile});
          const std::string what = judged.profile->name.value + ": " + fact.what + ", " +
                                   place.name + ", " + std::string(layout);
          EXPECT_EQ(prepared.unusable, "") << what;
          const std::vector<std::string> needles{std::string(fact.text)};
          EXPECT_FALSE(prepared.leaves() && holds_any_value(prepared, needles)) << what;
          if (prepared.leaves()) continue;
          ++held[std::string(place.name) + " by " + prepared.held_by()];
          EXPECT_TRUE(may_hold(place.name, layout)) << what << " " << prepared.held_by();
        }
      }
    }
    for (const auto& [what, times] : held) {
      std::cout << judged.profile->name.value << ": held " << times << " x " << what << "\n";
    }
  }
}

struct Home {
  const char* what;
  std::function<void(Dataset& object, const Script& script)> put;
};

const std::vector<Home>& homes_of_names() {
  static const auto kText = [](Tag tag, dicom::Vr which) {
    return
        [=](Dataset& object, const Script& script) { object.put_text(tag, which, script.bytes); };
  };
  static const std::vector<Home> kHomes{
      {"patient", kText({0x0010, 0x0010}, vr::PN)},
      {"other names", kText({0x0010, 0x1001}, vr::PN)},
      {"study description", kText({0x0008, 0x1030}, vr::LO)},
      {"comments", kText({0x0010, 0x4000}, vr::LT)},
      {"maker", kText({0x0008, 0x0070}, vr::LO)},
      {"coil", kText({0x0018, 0x1250}, vr::SH)},
      {"body part", kText({0x0018, 0x0015}, vr::CS)},
      {"private",
       [](Dataset& object, const Script& script) {
         object.put_text({0x0029, 0x0010}, vr::LO, script.bytes);
         object.put_text({0x0029, 0x1001}, vr::PN, script.bytes);
       }},
      {"item with its own character set",
       [](Dataset& object, const Script& script) {
         object.put_text(dicom::tags::SpecificCharacterSet, vr::CS, "ISO_IR 100");
         Item& item = object.put_sequence(object.root(), {0x0008, 0x2218}).items.emplace_back();
         object.put_text(item, dicom::tags::SpecificCharacterSet, vr::CS, script.charset);
         object.put_text(item, {0x0010, 0x0010}, vr::PN, script.bytes);
         object.put_text(item, {0x0008, 0x0104}, vr::LO, script.bytes);
       }},
      {"text in the UTF-8 of another system",
       [](Dataset& object, const Script& script) {
         object.put_text({0x0008, 0x1090}, vr::LO, script.utf8.front());
         const std::string signed_name = std::string(script.utf8.front()) + " MD";
         object.put_text({0x0018, 0x1020}, vr::LO, utf16(signed_name, false));
       }},
  };
  return kHomes;
}

std::vector<std::string> needles_of_script(const Script& script) {
  std::vector<std::string> needles(script.raw.begin(), script.raw.end());
  for (const std::string_view each : script.utf8) {
    needles.emplace_back(each);
    needles.push_back(utf16(each, false));
    needles.push_back(utf16(each, true));
  }
  return needles;
}

TEST(PlacesProof, NoNameLeavesInAnyCharacterSet) {
  EXPECT_GE(scripts().size(), 24U);
  for (const Judged& judged : judged_profiles()) {
    std::size_t held = 0;
    for (const Script& script : scripts()) {
      for (const Home& home : homes_of_names()) {
        for (const std::string_view layout : {kLayoutsOfPlaces[0], kLayoutsOfPlaces[1]}) {
          Dataset object = person(layout);
          object.put_text(dicom::tags::SpecificCharacterSet, vr::CS, script.charset);
          object.put_text(dicom::tags::PatientName, vr::PN, script.bytes);
          home.put(object, script);
          const Prepared prepared = prepare(object, {judged.profile});
          const std::string what =
              judged.profile->name.value + ": " + std::string(script.charset) + ", " + home.what;
          EXPECT_EQ(prepared.unusable, "") << what;
          const bool holds = holds_any_value(prepared, needles_of_script(script));
          EXPECT_FALSE(prepared.leaves() && holds) << what;
          // A name in ASCII letters may pass the engine where words may, and is then found.
          EXPECT_TRUE(prepared.leaves() || holds) << what << " " << prepared.held_by();
          if (!prepared.leaves()) ++held;
        }
      }
    }
    std::cout << judged.profile->name.value << ": " << held << " objects held\n";
    EXPECT_LE(held, 12U) << judged.profile->name.value;
  }
}

}  // namespace
}  // namespace veilroute::profiles::proof
