// Advice on objects as they came: damaged, contradictory, superseded, lost.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kObjectSource =
    "The source: this is how the object was written or sent.";
constexpr std::string_view kKeptUnusable =
    "The object is kept sealed and is never sent; the other objects of the study go on.";
constexpr std::string_view kNotTaken =
    "It was not taken in, and the source was told so; nothing is tried again by itself.";
constexpr std::string_view kSendAgain =
    "Have the source send this object again. If it comes out the same, ask the maker of the device "
    "to look at it.";
constexpr std::string_view kRepairSource =
    "Have the source repair the object and send it again. `quarantine withdraw` lets the rest go.";
constexpr std::string_view kReportStudy =
    "Keep the study and the log of this hour, and report it to Veilroute's makers.";

constexpr Advice kObjectAdvice[] = {
    {"dataset.truncated", "The object ends in the middle of an attribute.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"dataset.duplicate-tag", "An attribute stands twice in the object, which allows two readings.",
     kObjectSource, kKeptUnusable, kSendAgain},
    {"dataset.out-of-order",
     "The object's attributes do not stand in the order that DICOM demands.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"dataset.unknown-vr", "An attribute has a type (VR) that does not exist.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"dataset.length-lies", "An attribute says a length that cannot be true.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"dataset.too-deep", "The object nests sequences deeper than any real one does.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"dataset.bad-fragments", "The compressed pixels are not put together as DICOM demands.",
     kObjectSource, kKeptUnusable, kSendAgain},
    {"dataset.stray-delimiter", "A mark that ends a sequence stands where no sequence is open.",
     kObjectSource, kKeptUnusable, kSendAgain},
    {"dataset.command-group",
     "The object holds attributes that belong into commands or file headers.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"dataset.inflate-failed", "The object is compressed as a whole and cannot be unpacked.",
     kObjectSource, kKeptUnusable, kSendAgain},
    {"dataset.inflates-too-far",
     "The object unpacks to far more than its size makes believable, so unpacking was stopped.",
     kObjectSource, kKeptUnusable,
     "Ask whoever runs the source what this object is before it comes again."},
    {"dataset.too-many-ranges", "The object holds more large values than any real one does.",
     kObjectSource, kKeptUnusable, kSendAgain},
    {"dataset.too-many-elements",
     "The object has more attributes than can be de-identified at once.", kObjectSource,
     kInQuarantine, kRepairSource},
    {"dataset.too-big", "The object's header is larger than can be de-identified at once.",
     kObjectSource, kInQuarantine, kRepairSource},
    {"dataset.value-too-long",
     "A value of the object is longer than its type can say when it is written again.",
     kObjectSource, kInQuarantine, kRepairSource},
    {"dataset.deflate-failed", "The finished copy could not be compressed as a whole.", kThisNode,
     kInQuarantine, kReportStudy},
    {"dataset.ranges-disagree", "The object on disk does not look as it did when it came in.",
     kThisNode, kInQuarantine, "Check the disk, then have the source send the study again."},
    {"transfer-syntax.unknown",
     "The object is encoded in a transfer syntax that is not known here.",
     "The source: it chose this encoding.", kKeptUnusable,
     "Have the source send in another transfer syntax, such as explicit VR little endian."},
    {"object.sop-class-invalid", "The object's SOP Class UID is absent or not a UID.",
     kObjectSource, kNotTaken, kSendAgain},
    {"object.sop-instance-invalid", "The object's SOP Instance UID is absent or not a UID.",
     kObjectSource, kNotTaken, kSendAgain},
    {"object.identity-unread",
     "The object breaks off, or breaks the rules of its encoding, before it says what it is.",
     kObjectSource, kNotTaken, kSendAgain},
    {"object.study-uid-absent", "The object does not say which study it belongs to.", kObjectSource,
     kNotTaken, kSendAgain},
    {"object.study-uid-invalid", "The object's Study Instance UID is not a UID.", kObjectSource,
     kKeptUnusable, kSendAgain},
    {"object.uid-unlike-command",
     "The object names another SOP Class or Instance than the message or file header around it.",
     kObjectSource, kNotTaken, kSendAgain},
    {"object.class-not-admitted", "Objects of this SOP class are not taken in by this listener.",
     "This site's configuration, or the source that sends what is not meant for us.", kNotTaken,
     "Set `private_classes = true` for the listener if the class is a private one and you want "
     "it."},
    {"object.class-unlike-context",
     "The object is of another SOP class than the one agreed on for the connection.", kObjectSource,
     kNotTaken, kSendAgain},
    {"object.no-data-set", "The source announced an object and sent none.", kObjectSource,
     kNotTaken, kSendAgain},
    {"object.same-bytes", "The same object came before, byte for byte.",
     "Nobody: sources send again when they are not sure.",
     "The first one is used; this copy is not.", "Nothing needs to be done."},
    {"object.newer-bytes", "The same object came again later with other content.",
     "The source: it corrected the object, or uses one UID for two of them.",
     "The newer one goes out, under the same new UID.",
     "Ask the source if you did not expect a correction."},
    {"object.came-another-way",
     "The same object came again, byte for byte, by another way in, after no route had taken it.",
     "Nobody: routes may ask by which source, listener or AE title an object came.",
     "The newer one is used, and the routes are asked again.", "Nothing needs to be done."},
    {"object.superseded", "A newer version of this object came in.",
     "The source: it sent the object again with other content.",
     "The newer version goes out instead, under the same new UID.", "Nothing needs to be done."},
    {"object.two-versions", "Two files hold the same object with different content.",
     "Whoever put the files together.", "Neither is copied.",
     "Name only the file that is to be copied."},
    {"object.unusable", "The object cannot be used as it came.", kObjectSource, kKeptUnusable,
     "See its reason with `study show`, and have the source send it again."},
    {"object.shredded", "The object's key was destroyed, so that nobody can read it any more.",
     "This site: its time was over, or an operator decided so.", "It cannot be sent.",
     "Have the source send the study again if it is still needed."},
    {"object.corrupt",
     "The object on disk is not what was received: a seal or a digest does not agree.",
     "This node's disk, or somebody who changed its files.", kInQuarantine,
     "Check the disk, then have the source send the study again."},
    {"object.unreadable", "The object could not be read back from the disk, in many tries.",
     "This node's disk.", kInQuarantine,
     "Check the disk. If it gives the object back, use `quarantine resume`; if not, have the source "
     "send the study again."},
    {"object.missing", "The catalog has no object where the transfer expects one.", kThisNode,
     kInQuarantine, kReportStudy},
    {"internal", "A fault of the program stopped the preparation of this object.", kThisNode,
     kInQuarantine, kReportStudy},
};

}  // namespace

std::span<const Advice> object_advice() { return kObjectAdvice; }

}  // namespace veilroute::app
