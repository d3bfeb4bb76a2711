/**
 * Abbreviations of Unicode CLDR 46.1 (cldr-segments-full), without their last full stop. Unicode License v3, © Unicode, Inc. Left out are
 * single letters, which `sentences.ts` knows by a rule, and entries that are common words as well. Written by `scripts/cldr.ts`.
 */
export const CLDR_SUPPRESSIONS: Record<string, string> = {
  de: `
  A.M Abs Abt Abw Adj Adr Akt Allg Alt App Apr Art Aug Ausg Ausschl Bed Ben Ber Bibl Ca Chin Chr Co Dat Dez Di Dim
  Dipl.-Ing Dipl.-Kfm Dir Do Dr Dtzd Einh Erf Evtl F.f Fa Fam Feb Fn Folg Fr Frl Gebr Gem Geograph Ges Gesch Ggf Hbf
  Hptst Hr Hrn Hrsg Inc Ing Inh J.D Jahrh Jan Jr Kap Kfm Kl Konv Kop Ltd Max Mi Min Mind Mio Mo Mod Mrd Msp Nov Nr Obj
  Okt Op P.M Pfd Phys Prot Proz Qu Rd Reg Reg.-Bez Rel Rep S.A Sa Schr Sek Sep Sept Spezif St StR Std Str Tel Trans
  Tägl U.S U.S.A U.U Urspr Ursprüngl Verf Vgl Wg Zt Ztr a.D a.M a.Rh a.a.O a.a.S amtl beil d.J d.Ä e.V e.Wz e.h ehem
  eigtl einschl entspr erw ev evtl exkl frz geb gedr gek gesch gest ggf ggfs hpts i.A i.B i.H i.J i.R i.V inkl jew
  jhrl k.u.k kath kfm kgl led m.E m.W mtl möbl n.u.Z näml o.A o.B o.g od p.Adr röm röm.-kath s.a schles schweiz schwäb
  sog südd tägl u.A.w.g u.U u.a u.v.a u.Ä u.ä v.Chr v.H v.R.w v.T v.u.Z verh verw vgl z.B z.Hd z.Z zzgl österr
`,
  en: `
  A.D A.M A.S Abs Adj Adv Alt Approx Aug B.V C.F C.O.D Cap Capt Col Comm Conn Cont D.A D.C Dec Def Dept Diff E.G E.g
  Ed Est Etc Ex Exec Feb Fn Fri Gb Go Hon.B.A Hz I.D I.T I.e Id J.B J.D J.K Jan Jun K.R Kb L.A L.P Lev Lib Lt Lt.Cdr
  M.I.T M.R M.T MR Maj Mar Mart Mb Md Mgr Min Misc Mr Mrs Ms Mt N.V N.Y Nov Nr Num Op Org P.M P.O P.V PP Ph.D Phys
  Prof Pvt R.L R.T Rep Rev S.A S.A.R S.E S.p.A Sep Sept Sgt Sq U.S U.S.A U.S.C Up VS Var Yr a.m exec pp vs
`,
  es: `
  A.C AA All Ant Av Avda C.P C.S C.V Comm Corp Cía DC Da Desc Desv Dr Dra Drs Dto Dª Dña Em Emm Exc Excma Excmas Excmo
  Excmos Exma Exmas Exmo Exmos FF.CC Fabric Fr H.P Id Ilma Ilmas Ilmo Ilmos Inc JJ.OO Korn Lcda Lcdo Lda Ldo Lic Ltd
  Ltda Ltdo MM Mons Mr Mrs O.M PP R.D R.U RAM RR.HH Rdo Rdos Reg Rev Rvdmo Rvdmos Rvdo Rvdos SS.AA SS.MM Sdad Seg Sr
  Sra Sras Sres Srta Srtas Sta Sto Trab U.S U.S.A Var Vda abr afma afmas afmo afmos ago bco c/c cap cf cfr depto
  deptos dic doc dom dpto dptos dtor e.g ed ej ene feb fig figs fund hnos jue jul jun licda licdo lun may mié ms mss
  mtro nov ntra ntro oct p.ej prof prov sept sras sres srs ss sáb trad v.gr vid vie vs
`,
  fr: `
  All Comm DC Desc Inc J.-C Jr MM Mart Op P.O Prof S.A S.M.A.R.T U.S U.S.A Var acoust adr anc ann anon append avr
  broch bull categ coll collab config dest dict dir doc déc encycl exempl fig févr gouv graph hôp ill illustr imm
  imprim indus janv juil lun niv nov oct publ réf sept symb synth syst voit éd édit équiv éval
`,
  it: `
  C.P Cfr DC Geom Ing Liv Ltd Mod N.B N.d.A N.d.E N.d.T O.d.G S.A.R S.M.A.R.T S.p.A Sig U.S U.S.A a.C ag arch avv
  c.c.p d.C d.p.R div dott dr fig int mitt p.i pag rag sez tab tav vol
`,
  pt: `
  A.C A.M Alm Av D.C Dir Dr Dra Dras Drs Est Exma Exmo Fr Ilma Ilmo Jr Ltd Ltda N.Sra N.T P.M Pe Ph.D S.A Sta Sto V.T
  W.C a.C a.m abr abrev adm aer ago agric anat ap apart apt arit arqueol arquit astron autom aux biogr bras cap caps
  cf col comp compl cont contab créd cx círc cód d.C des desc dez dipl dir div doc déb ed educ elem eletr eletrôn end
  eng esp ex fac fasc fem fev ff fig fil filos fisiol fl fot fr fís geom gram gên hist ind ingl jan jul jun jur lat
  lin lit liter long mai mat matem máq méd mús neol nov náut obs odont odontol org organiz p.m pal pp pq prod prof
  profa pron próx psicol pág quím r.s.v.p ref rel relat rep rod sociol sup séc símb tec tecnol tel trad transp univ
  vol vs álg índ
`,
  ru: `
  авг апр дек кв н.э нояб окт отд проф руб сент тел тыс ул февр янв
`,
};
