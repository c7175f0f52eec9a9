// submit: one object from a file, through the single way in (scp::take_object). The caller opens the
// file and hands it over, so that the node needs no right to read the caller's folders.
#include "app/object_file.h"
#include "app/operations/operation.h"
#include "core/dicom/dataset.h"

namespace veilroute::app {
namespace {

constexpr const char* kBuiltInSource = "submit";
constexpr const char* kDoor = "submit";

/// The source that objects are to come from: the built-in one, or one of the configuration.
Result<scp::Origin> origin_of(const config::Config& config, const std::string& source) {
  scp::Origin origin;
  origin.source = SourceName{source};
  origin.listener = ListenerName{kDoor};
  origin.called_ae = config.site.ae_title;
  if (source == kBuiltInSource) return origin;
  for (const auto& known : config.sources) {
    if (known.name.value != source) continue;
    origin.calling_ae = known.ae_title;
    origin.default_issuer = known.issuer;
    return origin;
  }
  return make_error(ErrorKind::invalid, "source.unknown",
                    "the configuration has no source of this name; leave --source away for the "
                    "built-in source `submit`");
}

/// All objects of one connection are one association: their study is not complete before it ends.
Result<AssociationId> association_of(Site& site, Caller& caller) {
  if (!caller.association) {
    VR_TRY(const std::uint64_t id, site.catalog().reserve_ids(1));
    caller.association = AssociationId{id};
  }
  return *caller.association;
}

}  // namespace

Result<json> submit(Site& site, Request& request, Caller& caller) {
  const std::string source = optional_text(request.arguments, "source");
  VR_TRY(scp::Origin origin,
         origin_of(site.config(), source.empty() ? std::string(kBuiltInSource) : source));
  if (!request.file.valid()) {
    return make_error(ErrorKind::invalid, "argument.missing", "no open file came with the request");
  }
  VR_TRY(const auto file, FileSource::adopt(std::move(request.file)));
  VR_TRY(const auto head, dicom::read_file_head(*file));
  if (head.sop_class.value == kMediaDirectoryClass) {
    return make_error(ErrorKind::invalid, "file.media-directory",
                      "a DICOMDIR lists objects and is none");
  }
  VR_TRY(origin.association, association_of(site, caller));
  const scp::Announced announced{head.sop_class, head.sop_instance, head.transfer_syntax};
  VR_TRY(const ObjectId id,
         scp::take_object(site.intake(), origin, announced, *file, head.dataset_offset));
  // The bytes are safe either way; the caller must know when they are not the ones it meant.
  VR_TRY(file->check_unchanged());
  return json{{"object", id.value}};
}

}  // namespace veilroute::app
