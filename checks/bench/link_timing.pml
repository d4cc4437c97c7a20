/* The system of link_timing.py, action by action: one d_step for each delivery and each decision.
 * Compile with -DK=channels (1 to 8) -DR=migrations. A step that would send to a full queue is disabled,
 * as there. Every process has one control state, so that the global states are those of link_timing.py. */

#define QUEUE 2

mtype = { BEGIN, MIGRATE, CANCEL, LINK, LINKED, BYE };
mtype = { serving, migrating, gone, on_source, linking, ready, cancelling, switching, on_target, stranded };

chan to_channel[K] = [QUEUE] of { mtype };
chan to_target[K] = [QUEUE] of { mtype };
chan from_target[K] = [QUEUE] of { mtype };

mtype phase = serving;
byte cancelled = 0;
mtype state[K] = on_source;
bit links[K];

#if K > 1
#define ROOM1 && nfull(to_channel[1])
#define TELL1(message) ; to_channel[1]!message
#else
#define ROOM1
#define TELL1(message)
#endif
#if K > 2
#define ROOM2 && nfull(to_channel[2])
#define TELL2(message) ; to_channel[2]!message
#else
#define ROOM2
#define TELL2(message)
#endif
#if K > 3
#define ROOM3 && nfull(to_channel[3])
#define TELL3(message) ; to_channel[3]!message
#else
#define ROOM3
#define TELL3(message)
#endif
#if K > 4
#define ROOM4 && nfull(to_channel[4])
#define TELL4(message) ; to_channel[4]!message
#else
#define ROOM4
#define TELL4(message)
#endif
#if K > 5
#define ROOM5 && nfull(to_channel[5])
#define TELL5(message) ; to_channel[5]!message
#else
#define ROOM5
#define TELL5(message)
#endif
#if K > 6
#define ROOM6 && nfull(to_channel[6])
#define TELL6(message) ; to_channel[6]!message
#else
#define ROOM6
#define TELL6(message)
#endif
#if K > 7
#define ROOM7 && nfull(to_channel[7])
#define TELL7(message) ; to_channel[7]!message
#else
#define ROOM7
#define TELL7(message)
#endif
#define ROOM nfull(to_channel[0]) ROOM1 ROOM2 ROOM3 ROOM4 ROOM5 ROOM6 ROOM7
#define TELL(message) to_channel[0]!message TELL1(message) TELL2(message) TELL3(message) \
  TELL4(message) TELL5(message) TELL6(message) TELL7(message)

active proctype source() {
  do
  :: d_step { phase == serving && cancelled < R && ROOM -> phase = migrating; TELL(BEGIN) }
  :: d_step { phase == migrating && ROOM -> phase = gone; TELL(MIGRATE) }
  :: d_step { phase == migrating && ROOM -> phase = serving; cancelled++; TELL(CANCEL) }
  od
}

#define SERVE(n) \
  :: d_step { to_target[n]?[LINK] && nfull(from_target[n]) -> to_target[n]?LINK; links[n] = 1; from_target[n]!LINKED } \
  :: d_step { to_target[n]?[BYE] -> to_target[n]?BYE; links[n] = 0 }

active proctype target() {
  do
  SERVE(0)
#if K > 1
  SERVE(1)
#endif
#if K > 2
  SERVE(2)
#endif
#if K > 3
  SERVE(3)
#endif
#if K > 4
  SERVE(4)
#endif
#if K > 5
  SERVE(5)
#endif
#if K > 6
  SERVE(6)
#endif
#if K > 7
  SERVE(7)
#endif
  od
}

#define n (_pid - 2)

active [K] proctype channel() {
  do
  :: d_step { to_channel[n]?[BEGIN] && state[n] == on_source && nfull(to_target[n]) ->
       to_channel[n]?BEGIN; state[n] = linking; to_target[n]!LINK }
  :: d_step { to_channel[n]?[BEGIN] && state[n] != on_source -> to_channel[n]?BEGIN }
  :: d_step { from_target[n]?[LINKED] && state[n] == cancelling && nfull(to_target[n]) ->
       from_target[n]?LINKED; state[n] = on_source; to_target[n]!BYE }
  :: d_step { from_target[n]?[LINKED] && state[n] != cancelling ->
       from_target[n]?LINKED;
       if
       :: state[n] == linking -> state[n] = ready
       :: state[n] == switching -> state[n] = on_target
       :: else
       fi }
  :: d_step { to_channel[n]?[MIGRATE] ->
       to_channel[n]?MIGRATE;
       if
       :: state[n] == ready -> state[n] = on_target
       :: state[n] == linking -> state[n] = switching
       :: else -> state[n] = stranded
       fi }
  :: d_step { to_channel[n]?[CANCEL] && state[n] == ready && nfull(to_target[n]) ->
       to_channel[n]?CANCEL; state[n] = on_source; to_target[n]!BYE }
  :: d_step { to_channel[n]?[CANCEL] && state[n] != ready ->
       to_channel[n]?CANCEL;
       if
       :: state[n] == linking -> state[n] = cancelling
       :: else
       fi }
  od
}
