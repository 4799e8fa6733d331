// Bodies that come in several frames, and bodies that are above a limit.
#pragma once

#include "protocol/assembler.hpp"
#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "wire/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace echosocket::protocol {

class split_bodies {
public:
    enum class outcome : std::uint8_t {
        partial,    ///< Nothing is to be done: more frames follow, or the body is being dropped.
        complete,   ///< `joined` has the whole.
        too_large,  ///< Told once for each body: its call has to be answered so, or ends so.
        ended,      ///< The connection has ended: too many bodies are unfinished.
    };

    /// Is `f` a piece of a body, of a kind that may be split?
    [[nodiscard]] bool concerns(const wire::frame& f) const noexcept {
        return wire::is_splittable(f.kind) && (f.more() || continues(f));
    }
    /// Is a body of that kind and id unfinished?
    [[nodiscard]] bool continues(const wire::frame& f) const noexcept { return assembler_ && assembler_->continues(f); }
    [[nodiscard]] bool none() const noexcept { return !assembler_ || assembler_->empty(); }

    /// Takes a piece.
    [[nodiscard]] outcome add(engine_state& state, const wire::frame& f, joined_ptr& joined);
    /// Takes note of a frame whose body is above max_frame and is skipped.
    [[nodiscard]] outcome add_oversized(engine_state& state, const wire::frame& f);
    /// The call of a REQUEST that is not complete was cancelled: the rest of its body is dropped. False if there is
    /// none.
    [[nodiscard]] bool abandon_request(engine_state& state, std::uint32_t id);
    /// The caller of a RESPONSE that is not complete waits no longer: the rest is dropped.
    void abandon_response(engine_state& state, std::uint32_t id);
    /// The connection is over.
    void forget_all(engine_state& state) noexcept;
    /// The id of a REQUEST that was not complete at its deadline; the rest of its body is dropped.
    [[nodiscard]] std::optional<std::uint32_t> take_expired(engine_state& state);
    /// Ends the connection if a body comes too slowly: it would hold memory for ever.
    void check_pace(engine_state& state);

private:
    void watch(engine_state& state);
    void set_deadline(engine_state& state, const wire::frame& first);
    [[nodiscard]] assembler& of(const engine_state& state);
    [[nodiscard]] static outcome end(engine_state& state);

    std::unique_ptr<assembler> assembler_;  // made for the first such body
};

}  // namespace echosocket::protocol
