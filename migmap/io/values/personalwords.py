"""The words by which columns of personal data are known."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NAME_WORDS = _set(
    """apellido fullname imya isim jina magac magaca naam nama name names nom nombre nome prenom prénom soyad
    اسم نام نوم"""
)
# With a word for "name" beside them these are names of people.
PERSONS = _set(
    """applicant assessor beneficiary brother caregiver caretaker chairman chef chefe claimant collector
    contact councillor daughter doctor elder encuestador encuestado enqueteur enquêteur entrevistado enum
    enumerator epouse époux esposa esposo facilitator grandfather grandmother headmaster
    headmistress headteacher kepala lead madax madaxa madre mahji majhi mere mère midwife numberdar padre
    parent parents pere père sardar
    father focal guardian head hhh hoh husband imam incharge informant interviewee interviewer jefe
    landlord leader lhw malik manager monitor mother mukhtar nambardar nazim nurse observer officer
    owner patient person president principal repondant representative respondant respondent répondant
    secretary spouse student supervisor surveyor teacher tenant victim volunteer wife"""
)
WEAK_PERSONS = _set("""child individual member migrant refugee returnee son""")
# Places a person can be the head or the contact of; beside a weak word they make it a place's name.
PLACES = _set("""block camp committee community facility health hospital house school site village""")
# Words that may stand between the two without making it something else.
FILLERS = _set(
    """1 2 3 alternate alternative and charge chef de del du el en enter family first for full hh hogar
    household in is key la last le main menage ménage of please point primary s second the ur urdu what
    your agregado aile familia família famille keluarga qoyska rumah team tangga"""
)
# Names, all their words joined, that are enough alone.
ALONE = _set(
    """alias assessedby caretaker collectedby contact contactpe contactperson contacts createdby
    createduser creator datacollector daughterof editor enqueteur enumerator enumeratorname familyname
    fathername fathershusbandname fathersname firstname focalpers focalperson focalpoin focalpoint
    fullname givenname headname headoffamily headofhh headofhousehold hhhead hhhname hohname
    headmaster headmistress householdhead husbandname informant interviewedby interviewee interviewer
    keyinformant mahji majhi lasteditedby
    lasteditededuser lastediteduser lasteditor lastname middlename modifiedby monitoredby nameofhead
    nickname personname recordedby repondant reportedby respondent signature sonof staffname
    submittedbyname supervisor surname surveyedby surveyor teamlead teamleader validatedby wifeof"""
)
IDENTITY_WORDS = _set(
    """aadhaar aadhar cedula cédula curp dni fcn nid nida nin nif cnic cnicno cnicnumber cnics crnic
    iban idcard nadra nationalid nic nicop passeport passport progres
    registrationcard ssn tazkera tazkira visano"""
)
IDENTITY_NAMES = _set(
    """acccard acccardno acccardnumber accnumber accno accountno accountnumber afghancitizencard
    bankaccount caseno casenum casenumber
    drivinglicence drivinglicense familybookno familycode ibanno ibannumber idcard idcardno idcardnum
    idcardnumber identitycard identityno idno individualid individualno nationalid nationalidentity
        nationalidno nationalidnumber porcard porcardid porcardno porcardnumber porno pornumber progresid
    progresno
    rationcard refugeeid refugeeno tazkirano tokenno unhcrcase unhcrcaseid unhcrcaseno unhcrcasenumber
    unhcrid unhcrno visanumber votercard voterid"""
)
PHONE_WORDS = _set(
    """cell cellno cellphone contactno contactnumber fax mobile mobileno msisdn phone phoneno phonenumber
    phones tel telephone whatsapp"""
)
MAIL_WORDS = _set("""email emails mail""")
DEVICES = _set(
    """device deviceid deviceidentifier devicephonenum deviceserial imei instancename phonenumberofdevice
    simid simserial subscriberid"""
)
USERS = _set("""submittedby user user_name useremail username""")
BIRTHS = _set("""birthdate birthday dateofbirth dob""")
# What stands in a column about people that does not name them.
CATEGORIES = _set(
    """adult both boy child divorced elderly f false female girl m male man married men n n/a na no none
    other self single true unknown widow widowed woman women y yes خاتون عورت مرد نہیں ہاں"""
) | {"dont know"}
# With a word for a person before or after them these hold where that person stood or looks like.
PICTURES = _set("photo picture image selfie signature portrait foto thumbnail pic fingerprint")
INTERVIEWS = _set("interview interviewer enumerator respondent household hh surveyor")
COORDINATES = _set(
    "gps latitude longitude lat lon long altitude accuracy precision coordinates geopoint location"
)
# Urdu words that name a person or a way to reach one. "نام" alone is any name, a village's too.
# Of Arabic, Dari and Pashto too.
URDU_PERSON = (
    *("سربراہ", "والد", "شوہر", "جواب دہندہ", "رابطہ کار", "نام و ولدیت", "ولدیت"),
    *("رب الأسرة", "رب الاسرة", "رب العائلة", "اسم الأب", "اسم الاب", "اسم الأم"),
    *("اسم المستفيد", "اسم المريض"),
    *("المستجيب", "اسم الباحث", "الاسم الكامل", "الاسم الثلاثي", "الاسم الرباعي", "اسم الزوج", "جهة الاتصال"),
    *("نام پدر", "نام مادر", "نام خانوادگی", "سرپرست", "رئیس خانواده", "د پلار نوم", "پلار"),
)
URDU_IDENTITY = (
    *("شناختی", "الهوية", "هوية", "رقم الجواز", "جواز السفر"),
    *("تذکره", "تذكرة", "تذکرہ", "کارت هویت"),
)
URDU_PHONE = (
    *("موبائل", "فون", "رابطہ نمبر", "واٹس ایپ", "هاتف", "الهاتف", "الجوال", "موبايل", "واتساب"),
    *("شماره تماس", "تلفن", "تلیفون", "موبایل"),
)
URDU_MAIL = ("ای میل", "ایمیل", "البريد الإلكتروني", "ایمل")
# Words of organisations and facilities: a column with them names no person.
ORGANISATIONS = _set(
    """agency agencies org organisation organization ngo partner partners company department ministry
    office donor institution authority hospital school clinic"""
)

# Parts of the names of people that are common where migmap is used, to know a column of people by its
# values. Villages and districts are called so too: it takes every word of most values, and a column whose
# name is not that of a place.
GIVEN = _set(
    """abbas abdul abdullah abid abu adnan afzal ahmad ahmed aisha akbar akhtar akram ali allah amin amina
    amir amna anwar arif asad asghar asif asma aslam ayesha aziz babar bano bakht bashir begum bibi bilal
    bin bint bux din ehsan faisal farah farhan farid farooq fatima fazal ghulam gul gulalai habib hafeez
    haider haji hajra hameed hamid hamida hanif hasan hassan hina hussain ibrahim iftikhar imran iqbal irfan
    ismail jahan jalal jamal jamila jan javed kamal karim karima kausar khadija khalid khan khatoon latif
    mai majeed malik mansoor maria mariam maryam mehmood mir mirza mohammad mohammed mubarak muhammad
    mukhtar mumtaz munir mustafa nabi nadia nasir nasreen nawab nawaz naz nazir nisa noor omar parveen
    qadir qasim rabia rafiq rahim rahima rahman rashid rashida razia rehman riaz sabir sadia sadiq saeed
    saima sajid sakina saleem salim salma samina sana sara sardar shabbir shah shahid shahida shaista shakir
    shamim sharif shazia sher sughra sultan syed tahir tariq ullah umar usman wali waseem yaqub yasin yasmin
    yousaf yusuf zada zafar zahid zahida zahra zai zainab zaman zarina zia zubaida zubair
    john mary james jean pierre marie joseph jose juan ana peter paul grace"""
)
# Words of columns that name places, organisations or things, whatever their values sound like.
THINGS = _set(
    """address agency area basti block camp center centre chak city cluster colony committee community
    country deh dept district division facility funder goth hamlet health hospital label
    landmark locality location mauza mohalla mohallah municipality neighbourhood ngo org organisation
    organization origin partner place pcode province region road school sector settlement site
    street subdistrict taluka tehsil title town uc ucs union village ward zone adm admin admin1 admin2 admin3
    admin4 adm1 adm2 adm3 adm4 gaon shehar lieu localité localite commune municipio departamento aldea
    barrio ville quartier donor contractor supplier type status reason"""
)
# Words that make a value an organisation.
OF_ORGANISATIONS = _set(
    """action agency aid association authority board cell center centre church commission committee company
    corporation council crescent cross department directorate federation foundation fund government govt group
    hospital initiative institute international limited ltd medecins médecins ministry mission nations network
    ngo office organisation organization police programme program project refugee refugees relief save school
    sector services social society support trust un unicef union united university vision welfare world"""
)
