/* Model of command/attempt.go for the Spin model checker (spin -run attempt.pml).
   One operation, a network that may lose, delay or deliver a request until its
   transport deadline, a worker that may crash between any two steps.
   With EARLY defined the worker looks up before the request is certainly dead
   and sends again when it finds nothing: the assertion then fails.  */
mtype = { ready, sending, uncertain, done, person };
mtype phase = ready;
byte applied = 0, looks = 0, sent = 0;
bool flying = false, dead = true;

active proctype network() {
  do
  :: flying -> flying = false; applied++; assert(applied <= 1)      /* arrives */
  :: flying -> flying = false                                       /* lost */
  :: !flying && !dead -> dead = true                                /* connection closed and deadline passed */
  :: timeout -> break
  od
}

active proctype worker() {
  do
  :: phase == ready && sent < 3 -> atomic { phase = sending; sent++; dead = false; flying = true }
  :: phase == sending && applied == 1 && !flying -> phase = done    /* answered */
#ifdef EARLY
  :: phase == sending -> phase = uncertain                          /* crash or lost answer */
#else
  :: phase == sending && dead -> phase = uncertain
#endif
  :: phase == uncertain && applied == 1 -> phase = done
#ifdef EARLY
  :: phase == uncertain && applied == 0 -> phase = ready
#else
  :: phase == uncertain && applied == 0 -> looks++; if :: looks >= 4 -> phase = person :: else fi
#endif
  :: phase == done || phase == person -> break
  od;
  assert(phase != person || applied == 0)
}
