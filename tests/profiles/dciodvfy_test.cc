// A second opinion on conformance: what David Clunie's dciodvfy says about a de-identified phantom
// that it did not say about the phantom.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "tests/profiles/phantoms.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::profiles {
namespace {

using namespace testing;

bool is_installed() { return std::system("command -v dciodvfy >/dev/null 2>&1") == 0; }

std::set<std::string> errors_of(const std::filesystem::path& path) {
  const std::string command = "dciodvfy " + path.string() + " 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) output += buffer;
  std::set<std::string> errors;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Error")) errors.insert(line);
  }
  return errors;
}

std::filesystem::path write(const TemporaryFolder& folder, const char* name, ByteView bytes) {
  return folder.write(name, as_text(bytes));
}

TEST(Dciodvfy, FindsNoNewErrorsInDeIdentifiedPhantoms) {
  ASSERT_TRUE(is_installed()) << "tests/packages installs dicom3tools";
  for (const auto kind : {dicom::PhantomKind::dx, dicom::PhantomKind::cr, dicom::PhantomKind::ct}) {
    SCOPED_TRACE(dicom::to_string(kind));
    dicom::PhantomOptions options;
    options.kind = kind;
    options.rows = options.columns = 64;
    Loaded loaded = load(options);
    const TemporaryFolder folder;
    const auto before = errors_of(write(folder, "before.dcm", loaded.phantom.file));
    run(loaded.object);
    const auto written = dicom::write_dataset(loaded.object);
    ASSERT_TRUE(written.ok());
    Bytes file = dicom::write_file_head({loaded.object.text(dicom::tags::SOPClassUID).reveal()},
                                        {loaded.object.text(dicom::tags::SOPInstanceUID).reveal()},
                                        loaded.phantom.transfer_syntax);
    const Bytes body = support::materialise(
        *written, ByteView(loaded.phantom.file)
                      .subspan(static_cast<std::size_t>(loaded.phantom.dataset_offset)));
    file.insert(file.end(), body.begin(), body.end());
    for (const std::string& error : errors_of(write(folder, "after.dcm", file))) {
      EXPECT_TRUE(before.contains(error)) << error;
    }
  }
}

}  // namespace
}  // namespace veilroute::profiles
