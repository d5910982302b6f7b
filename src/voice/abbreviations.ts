/**
 * Words whose full stop does not end a sentence. Lower case, without the last stop.
 *
 * A wrong entry costs a pause in the middle or a missing one at the end, never a character.
 */

/** Never the end of a sentence: a name or a number follows. */
export const LEADING: ReadonlySet<string> = new Set(
  (
    'mr mrs ms dr prof st sr jr rev gen col maj capt lt sgt hon pres gov sen rep messrs mt ft no nr nos vol fig figs eq sec ch pp ' +
    'vs cf viz al approx ca circa tel ext dept est min max resp ' +
    'e.g i.e a.k.a z.b d.h u.a o.ä i.d.r bzw evtl ggf inkl hr fr str dipl ing abs art ' +
    'mme mlle mm av bd ex p.ex c.-à-d sra srta dña ud uds av núm pág sig sigg'
  ).split(' '),
);

/** May end a sentence: it does when a capital letter or another script follows. */
export const TRAILING: ReadonlySet<string> = new Set(
  (
    'etc inc ltd co corp bros a.m p.m u.s u.k u.n e.u u.s.a b.c a.d ph.d m.d b.a m.a d.c usw ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun'
  ).split(' '),
);
