#include "simulation/scenario/ledger.hpp"

#include <string_view>

namespace echosocket::simulated {

namespace {

/// Faults of the network bring about much, but none of these: they would be the library's own.
bool is_beyond_faults(errc code) noexcept {
    switch (code) {
        case errc::task_failed:
        case errc::unknown_task:
        case errc::bad_request:
        case errc::not_allowed:
        case errc::bad_reply:
        case errc::not_echosocket:
        case errc::unsupported_version:
        case errc::protocol_error:
        case errc::frame_too_large:
        case errc::abusive:
            return true;
        default:
            return false;
    }
}

}  // namespace

void ledger::broken(std::string what) {
    if (!complaint_) complaint_ = std::move(what);
}

std::uint64_t ledger::begin(std::string what) {
    ++counted.begun;
    begun_.emplace(++last_number_, std::move(what));
    return last_number_;
}

void ledger::end(std::uint64_t number, const std::optional<failure>& why) {
    const auto begun = begun_.extract(number);
    if (begun.empty()) return broken("a second outcome of number " + std::to_string(number));
    if (!why) {
        ++counted.succeeded;
        return;
    }
    ++counted.failed[std::string(name_of(why->code))];
    if (is_beyond_faults(why->code)) broken(begun.mapped() + " ended with " + why->message());
}

std::string ledger::unfinished() const {
    std::string all;
    for (const auto& [number, what] : begun_) all += (all.empty() ? "" : ", ") + what + " #" + std::to_string(number);
    return all;
}

void ledger::runs(std::uint64_t number) {
    if (!ran_.insert(number).second)
        broken("call #" + std::to_string(number) + ", which has no key, ran a second time");
}

std::uint64_t ledger::takes_effect(std::uint64_t server, const std::string& key) {
    if (!took_effect_.emplace(server, key).second)
        broken("the call with key " + key + " took effect a second time at server " + std::to_string(server));
    const auto result = ++counted.effects;
    results_.emplace(key, result);
    return result;
}

void ledger::hears_of_effect(const std::string& key, std::uint64_t result) {
    if (!results_.contains({key, result}))
        broken("the call with key " + key + " was answered " + std::to_string(result) +
               ", which it never brought about");
}

}  // namespace echosocket::simulated
