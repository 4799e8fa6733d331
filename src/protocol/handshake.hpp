// The HELLO: what may come before it, what it tells, and what it changes.
#pragma once

#include "protocol/engine_state.hpp"
#include "wire/frame.hpp"
#include "wire/hello.hpp"

#include <string_view>

namespace echosocket::protocol {

/// Begins the connection: a client says HELLO at once, a server waits for the client's.
void begin_greeting(engine_state& state);
/// Can these first bytes become what the other end has to say first? If not, the connection ends as soon as a byte
/// tells.
[[nodiscard]] bool check_first_bytes(engine_state& state, std::string_view bytes);
/// Reads the other end's HELLO; false if the connection ends for it.
[[nodiscard]] bool take_hello(engine_state& state, const wire::frame& f, wire::hello& hello);
/// The other end is welcome: a server says HELLO, and both say what they like from now on.
void end_greeting(engine_state& state);
/// No HELLO has come in time.
void give_up_greeting(engine_state& state);

}  // namespace echosocket::protocol
