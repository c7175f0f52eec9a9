// An association's PDUs, any bytes in any pieces, into a real spool. Properties: it ends; what we say
// are whole PDUs; as many objects are durable as were answered with success, and no segment keeps a
// record that was not; no study stays in flight.
#include <stdlib.h>  // mkdtemp is POSIX, not the C++ library's

#include <cstdlib>
#include <filesystem>

#include "core/base/log.h"
#include "scp/association.h"
#include "tests/fuzz/memory_channel.h"
#include "tests/support/memory_catalog.h"

namespace {

using namespace veilroute;

/// The spool's files and the catalog's rows grow with each object: begun anew after so many inputs.
constexpr unsigned kInputsPerRoom = 500;

void must(bool holds) {
  if (!holds) std::abort();
}

/// Where objects go, in memory as far as the machine has /dev/shm.
struct Reception {
  std::filesystem::path folder;
  SystemClock clock;
  std::unique_ptr<Files> files = real_files();
  test::MemoryCatalog catalog;
  std::unique_ptr<store::Spool> spool;
  store::InFlight in_flight;
  std::unique_ptr<scp::IntakeRoom> room;

  Reception() {
    std::error_code none;
    const bool shared = std::filesystem::is_directory("/dev/shm", none);
    const std::filesystem::path parent =
        shared ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "veilroute-fuzz-XXXXXX").string();
    must(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    store::SpoolLimits limits;
    limits.reserve_bytes = 0;
    spool = store::Spool::open(*files, catalog, clock, folder / "spool", limits).value();
    room = std::make_unique<scp::IntakeRoom>(
        scp::IntakeRoom{*spool, catalog, in_flight, clock, {}, {}, nullptr});
  }
  ~Reception() {
    std::error_code ignored;  // a folder that stays is untidy, not wrong
    std::filesystem::remove_all(folder, ignored);
  }
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  std::size_t objects() {
    must(catalog.flush().ok());
    return catalog.rows().size();
  }
};

scp::Agreed agreed() {
  scp::Agreed out;
  const Uid ct{"1.2.840.10008.5.1.4.1.1.2"};
  out.contexts = {{1, {ct, Uid{std::string(dicom::kExplicitLittleEndian)}}},
                  {3, {Uid{std::string(dicom::kVerificationClass)},
                       Uid{std::string(dicom::kImplicitLittleEndian)}}},
                  {5, {ct, Uid{std::string(dicom::kDeflated)}}}};
  out.accept.implementation_class = Uid{"1.2.3"};
  out.origin.source = SourceName{"er-one"};
  out.origin.association = AssociationId{1};
  return out;
}

/// C-STORE answers with status 0000H.
std::size_t successes(ByteView said) {
  std::size_t count = 0;
  while (!said.empty()) {
    must(said.size() >= dicom::kPduHeaderBytes);
    const auto header = dicom::decode_header(said.first<dicom::kPduHeaderBytes>());
    must(header.ok() && said.size() >= dicom::kPduHeaderBytes + header->length);
    const ByteView body = said.subspan(dicom::kPduHeaderBytes, header->length);
    said = said.subspan(dicom::kPduHeaderBytes + header->length);
    if (header->type != dicom::PduType::p_data) continue;
    const auto pdvs = dicom::decode_data(body);
    must(pdvs.ok() && pdvs->size() == 1 && pdvs->front().command && pdvs->front().last);
    const auto answer = dicom::decode_command(pdvs->front().bytes);
    must(answer.ok() && answer->is_response());
    const bool store = answer->field ==
                       (dicom::command_field::c_store_rq | dicom::command_field::response_bit);
    if (store && answer->status == dicom::status::success) ++count;
  }
  return count;
}

}  // namespace

/// The first byte says in what pieces, of 16 bytes each, the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::unique_ptr<Reception> reception;
  static unsigned inputs = 0;
  if (size == 0) return 0;
  if (inputs++ % kInputsPerRoom == 0) {
    log::Settings quiet;
    quiet.lowest = log::Level::error;
    must(log::start(quiet).ok());
    reception.reset();
    reception = std::make_unique<Reception>();
  }
  const std::size_t before = reception->objects();
  const dicom::Interrupt never;
  Bytes said;
  auto channel = std::make_unique<fuzz::MemoryChannel>(ByteView(data, size).subspan(1),
                                                       std::size_t{data[0]} * 16, said);
  {
    scp::Association association(
        dicom::PduStream(dicom::Transport(std::move(channel), never)), agreed(), *reception->room);
    association.run();
  }
  must(reception->objects() - before == successes(said));
  return 0;
}
